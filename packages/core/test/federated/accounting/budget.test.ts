import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chargeBudget,
  openBudget,
  type PrivacyBudget,
  type PrivacyRelease,
  spentEpsilon,
} from "../../../src/federated/accounting/budget.js";
import { noiseMultiplierFor } from "../../../src/federated/accounting/calibration.js";
import { gaussianEpsilon } from "../../../src/federated/accounting/gaussian.js";
import { addedCurves, renyiEpsilon } from "../../../src/federated/accounting/renyi.js";
import { gaussianCurve } from "../../../src/federated/accounting/renyi-gaussian.js";
import { skellamCurve, type SkellamSum } from "../../../src/federated/accounting/skellam.js";

const promise = { epsilon: 3, delta: 1e-5, per: "participant" } as const;
const skellam = { kind: "skellam", variance: 40_000, l1: 300, l2: 30 } as const;
const round: PrivacyRelease = { name: "round", mechanism: skellam, per: "participant", times: 1 };
const bins: PrivacyRelease = {
  name: "bins",
  mechanism: { ...skellam, variance: 90_000 },
  per: "participant",
  times: 1,
};
const step: PrivacyRelease = {
  name: "step",
  mechanism: { kind: "gaussian", noiseMultiplier: 1.1, samplingRate: 0.02 },
  per: "record",
  times: 50,
};

function charged(budget: PrivacyBudget, ...releases: readonly PrivacyRelease[]): PrivacyBudget {
  return releases.reduce((sofar, release) => {
    const next = chargeBudget(sofar, release);
    if (typeof next === "string") throw new TypeError(`${release.name} is refused: ${next}`);
    return next;
  }, budget);
}

/** How many times a release is let through, one after another. */
function countUntilRefused(budget: PrivacyBudget, release: PrivacyRelease): number {
  let next: PrivacyBudget | string = budget;
  for (let count = 0; count < 200; count++) {
    next = chargeBudget(next, release);
    if (typeof next === "string") return count;
  }
  throw new RangeError("200 releases, and none was refused");
}

describe("a privacy budget", () => {
  it("says what it promises and that nothing is spent before anything is released", () => {
    const budget = openBudget(promise);
    expect(budget.promise).toEqual(promise);
    expect(spentEpsilon(budget)).toBe(0);
  });

  it("says after each release what all of them have spent", () => {
    const budget = charged(openBudget({ ...promise, epsilon: 10 }), round, round, bins);
    const curve = skellamCurve(skellam, 2).map(
      (d, at) => d + (skellamCurve({ ...skellam, variance: 90_000 }, 1)[at] ?? 0),
    );
    expect(spentEpsilon(budget)).toBeCloseTo(renyiEpsilon(curve, 1e-5), 12);
    expect(budget.charges.map(({ name, times }) => [name, times])).toEqual([
      ["round", 2],
      ["bins", 1],
    ]);
  });

  it("refuses the first release that would pass it, and not the one before", () => {
    const budget = openBudget(promise);
    const count = countUntilRefused(budget, round);
    expect(count).toBeGreaterThan(2);
    expect(renyiEpsilon(skellamCurve(skellam, count), 1e-5)).toBeLessThanOrEqual(3);
    expect(renyiEpsilon(skellamCurve(skellam, count + 1), 1e-5)).toBeGreaterThan(3);
    const full = charged(budget, { ...round, times: count });
    expect(chargeBudget(full, round)).toBe("budget-passed");
    expect(countUntilRefused(charged(budget, { ...bins, times: 9 }), round)).toBeLessThan(count);
  });

  it("is not changed by a release that is refused or made", () => {
    const budget = charged(openBudget(promise), round);
    const before = structuredClone(budget);
    chargeBudget(budget, { ...round, times: 1000 });
    chargeBudget(budget, round);
    expect(budget).toEqual(before);
  });

  it("counts Gaussian steps by their loss distributions, up to the noise that was meant for them", () => {
    const record = { epsilon: 3, delta: 1e-5, per: "record" } as const;
    const planned = { samplingRate: 0.02, steps: 500 };
    const noiseMultiplier = noiseMultiplierFor(planned, record);
    const epoch: PrivacyRelease = {
      name: "step",
      mechanism: { kind: "gaussian", noiseMultiplier, samplingRate: 0.02 },
      per: "record",
      times: 50,
    };
    const full = charged(openBudget(record), ...Array.from({ length: 10 }, () => epoch));
    expect(spentEpsilon(full)).toBeCloseTo(gaussianEpsilon([{ ...planned, noiseMultiplier }], 1e-5), 12);
    // Renyi accounting alone would have stopped before
    expect(spentEpsilon(full)).toBeGreaterThan(2.99);
    expect(chargeBudget(full, epoch)).toBe("budget-passed");
  });

  it("adds up the epsilons of Gaussian steps and of Skellam sums at half of delta each, where that is the least", () => {
    const record = { epsilon: 20, delta: 1e-5, per: "record" } as const;
    const spentBy = (sum: SkellamSum) =>
      spentEpsilon(charged(openBudget(record), step, { ...round, mechanism: { kind: "skellam", ...sum } }, step));
    const steps = { noiseMultiplier: 1.1, samplingRate: 0.02, steps: 100 };
    const bounds = (sum: SkellamSum) => ({
      apart: gaussianEpsilon([steps], 5e-6) + renyiEpsilon(skellamCurve(sum, 1), 5e-6),
      together: renyiEpsilon(addedCurves(gaussianCurve(steps), skellamCurve(sum, 1)), 1e-5),
    });
    const quiet = { variance: 4e7, l1: 300, l2: 30 };
    expect(bounds(quiet).apart).toBeLessThan(bounds(quiet).together);
    expect(spentBy(quiet)).toBeCloseTo(bounds(quiet).apart, 10);
    const loud = { variance: 400, l1: 300, l2: 30 };
    expect(bounds(loud).together).toBeLessThan(bounds(loud).apart);
    expect(spentBy(loud)).toBeCloseTo(bounds(loud).together, 10);
  });

  it("takes a release that hides a participant for a promise about records, and not the other way about", () => {
    const perRecord = openBudget({ ...promise, per: "record", epsilon: 20 });
    expect(typeof chargeBudget(perRecord, round)).toBe("object");
    expect(typeof chargeBudget(perRecord, step)).toBe("object");
    expect(chargeBudget(openBudget({ ...promise, epsilon: 20 }), step)).toBe("unit-too-small");
  });

  it("never spends less after one more release, in whatever order they come", () => {
    const releases = fc.constantFrom(round, bins, step);
    fc.assert(
      fc.property(fc.array(releases, { minLength: 1, maxLength: 4 }), (made) => {
        const open = openBudget({ epsilon: 1000, delta: 1e-5, per: "record" });
        const all = spentEpsilon(charged(open, ...made));
        expect(all).toBeGreaterThanOrEqual(spentEpsilon(charged(open, ...made.slice(1))) * (1 - 1e-3));
        expect(all).toBeCloseTo(spentEpsilon(charged(open, ...made.toReversed())), 6);
      }),
      { numRuns: 12 },
    );
  });

  it("needs terms and mechanisms within their ranges", () => {
    expect(() => openBudget({ ...promise, epsilon: 0 })).toThrow(RangeError);
    expect(() => openBudget({ ...promise, delta: 1 })).toThrow(RangeError);
    const budget = openBudget(promise);
    for (const times of [0, 0.5, Number.NaN])
      expect(() => chargeBudget(budget, { ...round, times })).toThrow(RangeError);
    expect(() => chargeBudget(budget, { ...round, mechanism: { ...skellam, variance: 0 } })).toThrow(RangeError);
    const gaussian = { kind: "gaussian", noiseMultiplier: -1, samplingRate: 0.5 } as const;
    expect(() => chargeBudget(openBudget({ ...promise, per: "record" }), { ...step, mechanism: gaussian })).toThrow(
      RangeError,
    );
  });
});
