import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nextTier,
  noTier,
  type Standing,
  tierGraceMs,
  tierNames,
  type TierState,
  tierTerms,
} from "../../src/market/tiers.js";

/** Parts of what the lower tier asks for, in percent. */
const standing = (speedPercent: number, bondPercent = speedPercent): Standing => {
  const { provenSpeed, bond } = tierTerms("bonded");
  return { provenSpeed: (provenSpeed * speedPercent) / 100, bond: (bond * BigInt(bondPercent)) / 100n };
};
const bonded: TierState = { tier: "bonded", belowSince: undefined };
const rank = ({ tier }: TierState) => tierNames.indexOf(tier);

describe("an operator", () => {
  it("rises as soon as both proven speed and bond are there", () => {
    expect(nextTier(noTier, standing(100), 0)).toEqual(bonded);
    expect(nextTier(noTier, standing(100, 99), 0)).toEqual(noTier);
    expect(nextTier(noTier, standing(99, 100), 0)).toEqual(noTier);
    expect(nextTier(noTier, tierTerms("institution"), 0)).toMatchObject({ tier: "institution" });
  });

  it("of whom no more than a tenth is missing keeps the tier for good", () => {
    expect(nextTier(bonded, standing(90), 0)).toEqual(bonded);
    expect(nextTier(bonded, standing(90), 10 * tierGraceMs)).toEqual(bonded);
  });

  it("of whom more is missing keeps it for seven days, which begin anew when it was there again", () => {
    const below = nextTier(bonded, standing(89), 1_000);
    expect(below).toEqual({ tier: "bonded", belowSince: 1_000 });
    expect(nextTier(below, standing(0), 999 + tierGraceMs)).toEqual(below);
    expect(nextTier(below, standing(0), 1_000 + tierGraceMs)).toEqual(noTier);
    expect(nextTier(below, standing(90), 5_000)).toEqual(bonded);
  });

  it("falls to the highest tier that it still meets", () => {
    const institution: TierState = { tier: "institution", belowSince: 0 };
    expect(nextTier(institution, standing(100), tierGraceMs)).toEqual(bonded);
    expect(nextTier(institution, standing(95), tierGraceMs)).toEqual(noTier);
  });
});

describe("whatever happens", () => {
  const part = fc.integer({ min: 0, max: 12_000 });
  const steps = fc.array(fc.tuple(part, part, fc.integer({ min: 0, max: tierGraceMs })), { maxLength: 30 });

  it("nobody falls within seven days of having met what the tier asks for", () => {
    fc.assert(
      fc.property(steps, (history) => {
        let [state, now, metAt, leastGrace] = [noTier, 0, 0, Infinity];
        for (const [speed, bond, later] of history) {
          now += later;
          const before = state;
          state = nextTier(state, standing(speed, bond), now);
          if (rank(state) < rank(before)) leastGrace = Math.min(leastGrace, now - metAt);
          if (state.belowSince === undefined) metAt = now;
        }
        expect(leastGrace).toBeGreaterThanOrEqual(tierGraceMs);
      }),
      { numRuns: 2_000 },
    );
  });

  it("who has more of both never has a lower tier", () => {
    fc.assert(
      fc.property(part, part, part, part, (speed, bond, moreSpeed, moreBond) => {
        const less = nextTier(noTier, standing(speed, bond), 0);
        const more = nextTier(noTier, standing(speed + moreSpeed, bond + moreBond), 0);
        expect(rank(more)).toBeGreaterThanOrEqual(rank(less));
      }),
    );
  });

  it("what goes up and down by less than a tenth moves nobody who has the tier", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 90, max: 110 })), (parts) => {
        let state = nextTier(noTier, standing(100), 0);
        for (const [index, each] of parts.entries()) state = nextTier(state, standing(each), index * tierGraceMs);
        expect(state).toEqual(bonded);
      }),
    );
  });
});
