import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { bindTo, commitmentTo, fingerprintOf, type Given, toHex } from "../../src/index.js";
import { filled } from "../fixtures.js";

const key = filled(1);
const of = (outcome: Given["outcome"], value?: Uint8Array, content = key) =>
  toHex(fingerprintOf({ outcome, value }, content, primitives));
const result = Buffer.from("\x01[0.1]");

describe("a fingerprint", () => {
  it("is the same for the same result under the same content key, and for nothing else", () => {
    expect(of("completed", result)).toBe(of("completed", result));
    const lastBit = Float64Array.of(0.1 + 0.2);
    const near = Float64Array.of(0.3);
    const different = [
      of("completed", result),
      of("completed", Buffer.from("\x01[0.10]")),
      of("completed", result, filled(2)),
      of("completed", new Uint8Array(lastBit.buffer)),
      of("completed", new Uint8Array(near.buffer)),
      of("completed", new Uint8Array(0)),
      of("threw"),
      of("output-limit"),
    ];
    expect(new Set(different).size).toBe(different.length);
  });

  it("tells a result from a failure whatever is in it", () => {
    expect(of("completed", Buffer.from("threw"))).not.toBe(of("threw"));
  });
});

describe("what an agent commits to by a run", () => {
  const given: Given = { outcome: "completed", value: result };
  const bound = (change: Partial<Given> = {}, who: object = {}) =>
    bindTo({ ...given, ...change }, { agent: filled(5), content: key, ...who }, primitives);

  it("can be made by whoever has the content key, and is opened by nonce and fingerprint", () => {
    const { nonce, fingerprint, commitment } = bound();
    expect(toHex(commitmentTo({ agent: filled(5), nonce, fingerprint }, primitives))).toBe(toHex(commitment));
    expect(bound()).toEqual({ nonce, fingerprint, commitment });
  });

  it("is another for another agent, key, outcome or value, and so is its nonce for another agent or key", () => {
    const others = [
      bound({ value: Buffer.from("\x01[0.2]") }),
      bound({ outcome: "threw", value: undefined }),
      bound({}, { agent: filled(6) }),
      bound({}, { content: filled(2) }),
    ];
    const all = [bound(), ...others];
    expect(new Set(all.map(({ commitment }) => toHex(commitment))).size).toBe(all.length);
    expect(new Set(all.map(({ nonce }) => toHex(nonce))).size).toBe(3);
  });
});

describe("a commitment", () => {
  it("binds one agent to one fingerprint, and is worth nothing to another that copies it", () => {
    const [nonce, fingerprint] = [filled(3), filled(4)];
    const commit = (agent: number, change: object = {}) =>
      toHex(commitmentTo({ agent: filled(agent), nonce, fingerprint, ...change }, primitives));
    const [own, ...others] = [
      commit(5),
      commit(6),
      commit(5, { nonce: filled(7) }),
      commit(5, { fingerprint: filled(8) }),
    ];
    for (const other of others) expect(other).not.toBe(own);
    expect(commit(5)).toBe(own);
  });
});
