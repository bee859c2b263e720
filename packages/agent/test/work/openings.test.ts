import {
  commitmentTo,
  equalBytes,
  type RunStatement,
  runStatement,
  sealedOpeningBytes,
  type Signed,
  signStatement,
  type TaskManifest,
  type ToAgent,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { beforeEach, describe, expect, it } from "vitest";
import { Openings } from "../../src/work/openings.js";

const [own, other] = [createEd25519Signer(), createEd25519Signer()];
const filled = (value: number) => new Uint8Array(32).fill(value);
const manifest = { keys: filled(1), requirements: { verification: { policy: "spot" } } } as unknown as TaskManifest;
const opening = new Uint8Array(sealedOpeningBytes);
const task = { manifest, keys: { content: filled(2), program: filled(3) } };
const outcome = { ok: true, output: Buffer.from("\x011"), log: "", wallMs: 5 } as const;

/** The signed run of another agent that is committed. */
function runOf(signer = other, change: Partial<RunStatement> = {}, key = signer): Signed {
  const statement: RunStatement = {
    number: 8,
    fence: 1,
    agent: signer.publicKey,
    manifest: filled(4),
    outcome: "completed",
    result: filled(5),
    resultBytes: 10,
    ranMs: 5,
    engine: "js",
    check: { keys: filled(1), commitment: filled(6), opening },
    ...change,
  };
  return signStatement(runStatement, statement, key);
}

let openings: Openings;
let check: RunStatement["check"];
beforeEach(() => {
  openings = new Openings(own);
  check = openings.commit(task, outcome);
});

/** This agent's own run of the task. */
const ownRun = (change: Partial<RunStatement> = {}, key = own) => {
  if (!check) throw new Error("nothing is committed to");
  return runOf(own, { number: 7, fence: 2, check, ...change }, key);
};
const ask = (others: Signed[], change = {}, run = ownRun()) =>
  openings.open({ type: "reveal", number: 7, fence: 2, own: run, others, ...change });

describe("what an agent has committed to", () => {
  it("is shown to whoever brings the signed run of another that is committed too", () => {
    const shown = ask([runOf()]);
    if (shown?.type !== "revealed" || !check) throw new Error("nothing is shown");
    const { nonce, fingerprint } = shown;
    const { commitment } = check;
    expect(equalBytes(commitmentTo({ agent: own.publicKey, nonce, fingerprint }, primitives), commitment)).toBe(true);
    expect(check.keys).toEqual(manifest.keys);
  });

  it.each([
    ["nobody else's", []],
    ["its own run", [runOf(own)]],
    ["a run that its agent has not signed", [runOf(other, {}, createEd25519Signer())]],
    ["a run of another task", [runOf(other, { check: { keys: filled(9), commitment: filled(6), opening } })]],
    ["a run without a commitment", [runOf(other, { check: undefined as never })]],
    ["one good run and one bad", [runOf(), runOf(own)]],
  ])("is shown for no less: %s", (_what, others) => {
    expect(ask(others.map((run) => run))).toBeUndefined();
  });

  it("is not shown of another lease or task than its run says, nor of a run that it has not signed", () => {
    expect(ask([runOf()], { fence: 1 })).toBeUndefined();
    expect(ask([runOf()], { number: 9 })).toBeUndefined();
    expect(ask([runOf()], {}, ownRun({}, other))).toBeUndefined();
    if (!check) throw new Error("nothing is committed to");
    const swapped = { ...check, commitment: filled(6) };
    expect(ask([runOf()], {}, ownRun({ check: swapped }))).toBeUndefined();
  });

  it("can be shown after a restart, and by no other agent", () => {
    const [restarted, stranger] = [new Openings(own), new Openings(other)];
    const message: Extract<ToAgent, { type: "reveal" }> = {
      type: "reveal",
      number: 7,
      fence: 2,
      own: ownRun(),
      others: [runOf()],
    };
    expect(restarted.open(message)).toEqual(openings.open(message));
    expect(restarted.open(message)).toBeDefined();
    expect(
      stranger.open({ ...message, own: runOf(other, { number: 7, fence: 2, check: check as never }) }),
    ).toBeUndefined();
  });

  it("is nothing where nobody checks", () => {
    const plain = { ...task, manifest: { ...manifest, requirements: {} } as unknown as TaskManifest };
    expect(openings.commit(plain, outcome)).toBeUndefined();
  });
});
