import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { commitmentTo, fingerprintOf, toHex } from "../../src/index.js";
import { filled } from "../fixtures.js";

const key = filled(1);
const of = (outcome: string, value?: Uint8Array, content = key) =>
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

  it("tells a result that begins like an outcome from that outcome", () => {
    expect(of("completed", Buffer.from("x"))).not.toBe(of("completed\0x"));
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
