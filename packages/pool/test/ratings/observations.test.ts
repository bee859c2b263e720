import { ratingRules } from "@aegis-pool/core";
import { beforeEach, describe, expect, it } from "vitest";
import type { AgentSession } from "../../src/services/market/live.js";
import { Observations, provenSpeedOf } from "../../src/services/ratings/observations.js";
import type { RatingRow } from "../../src/store/rating-rows.js";

const { lastsMs } = ratingRules;
const row: RatingRow = {
  agent: "a",
  reason: "proven",
  class: "cpu",
  slots: 1,
  fp32: 4e10,
  fp16: null,
  memory: 1e10,
  ratedAt: 0,
  provenAt: 0,
  slotSpeed: 0,
  expiresAt: lastsMs,
};
const proven: RatingRow = { ...row, slotSpeed: provenSpeedOf(row) };

let observations = new Observations();
/** Every agent needs a second for each kind; agent `a` needs `slow` of them. */
function work(slow: number): void {
  for (const kind of ["k", "l", "m"]) {
    for (const [index, id] of ["a", "b", "c"].entries()) {
      const operatorKey = new Uint8Array(32).fill(index);
      const session = { id, operatorKey } as AgentSession;
      const timed = { kind, speed: proven.slotSpeed, ms: id === "a" ? 1_000 * slow : 1_000 };
      for (let run = 0; run < 3; run++) observations.ran(session, timed);
    }
  }
}
beforeEach(() => {
  observations = new Observations();
});

describe("what real work makes of a rating", () => {
  it("is nothing while little is seen, and while it shows what was proven", () => {
    expect(observations.judge(proven, 1)).toBeUndefined();
    work(1);
    expect(observations.judge(proven, 1)).toBeUndefined();
  });

  it("is nothing for a few percent, which are noise", () => {
    work(1.04);
    expect(observations.judge(proven, 1)).toBeUndefined();
  });

  it("is a lower one, and not lower still the next time", () => {
    work(1.25);
    const changed = observations.judge(proven, 1);
    expect(changed).toMatchObject({ reason: "observed", ratedAt: 1, slotSpeed: Math.round(proven.slotSpeed * 0.8) });
    expect(changed && observations.judge(changed, 2)).toBeUndefined();
  });

  it("is a longer one in the last quarter of its term, and at most seven terms long", () => {
    work(1);
    expect(observations.judge(proven, 0.7 * lastsMs)).toBeUndefined();
    const longer = observations.judge(proven, 0.8 * lastsMs);
    expect(longer).toMatchObject({ reason: "observed", provenAt: 0, expiresAt: 1.8 * lastsMs });
    const old = { ...proven, expiresAt: 6.1 * lastsMs };
    expect(observations.judge(old, 6.05 * lastsMs)).toBeUndefined();
  });

  it("is no longer one for an agent that is slower than it has proven", () => {
    work(1.25);
    expect(observations.judge(proven, 0.8 * lastsMs)?.expiresAt).toBe(proven.expiresAt);
  });
});
