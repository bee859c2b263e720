import { ratingRules } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { SpeedProof } from "../../src/services/ratings/speed-proof.js";
import { honestCommitment } from "./speed.js";

const parts = { primitives, check: () => Promise.resolve(undefined) };
const shape = { size: 256, blocks: 1, steps: 4 };
const newProof = () => new SpeedProof(parts, shape, 1_000);

/** An honest proof: begun at 10,000, committed at 12,000, with this much network time claimed. */
function proven(roundTripMs: number) {
  const proof = newProof();
  const { id, challenge } = proof.begin(10_000, roundTripMs);
  const commitment = honestCommitment(challenge);
  const indices = present(proof.commit(id, commitment.root, 12_000));
  return proof.check(id, present(commitment.open(indices)));
}

describe("a proof of speed", () => {
  it("takes network time off", () => expect(proven(40)).resolves.toMatchObject({ reason: "proven", elapsedMs: 1_960 }));

  it("takes off no more than a bound: who delays echoes gains little", async () => {
    await expect(proven(1_900)).resolves.toMatchObject({ elapsedMs: 2_000 - ratingRules.mostRoundTripMs });
  });

  it("hears no commitment before it has begun, nor for another id", () => {
    const proof = newProof();
    expect(proof.commit(new Uint8Array(16), new Uint8Array(32), 1)).toBeUndefined();
    proof.begin(10_000, 0);
    expect(proof.commit(new Uint8Array(16), new Uint8Array(32), 1)).toBeUndefined();
  });

  it("is late some time after the agent's own word, and when its rows do not come", () => {
    const proof = newProof();
    expect(proof.isLate(1e12)).toBe(false);
    const { id } = proof.begin(0, 0);
    expect([proof.isLate(15_000), proof.isLate(15_001)]).toEqual([false, true]);
    proof.commit(id, new Uint8Array(32), 14_000);
    expect([proof.isLate(24_000), proof.isLate(24_001)]).toEqual([false, true]);
  });

  it("hears the rows once, and has all the time it needs for them then", () => {
    const proof = newProof();
    const { id } = proof.begin(0, 0);
    proof.commit(id, new Uint8Array(32), 1_000);
    expect(proof.check(id, [])).toBeDefined();
    expect(proof.check(id, [])).toBeUndefined();
    expect(proof.isLate(1e12)).toBe(false);
  });
});
