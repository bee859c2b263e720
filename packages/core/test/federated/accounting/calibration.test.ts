import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noiseMultiplierFor, skellamVarianceFor } from "../../../src/federated/accounting/calibration.js";
import { gaussianEpsilon } from "../../../src/federated/accounting/gaussian.js";
import { renyiEpsilon } from "../../../src/federated/accounting/renyi.js";
import { skellamCurve } from "../../../src/federated/accounting/skellam.js";

describe("the noise of a target", () => {
  // the cases of the vectors, the other way about: their epsilon is that of sigma 1.5, 0.9, 1 and 3
  it("is the noise multiplier that has this epsilon", () => {
    for (const [steps, target, noiseMultiplier] of [
      [{ samplingRate: 0.04, steps: 2250 }, { epsilon: 6.7688, delta: 1e-5 }, 1.5],
      [{ samplingRate: 0.02, steps: 500 }, { epsilon: 4.071344, delta: 1e-6 }, 0.9],
      [{ samplingRate: 1, steps: 1 }, { epsilon: 4.37718, delta: 1e-5 }, 1],
      [{ samplingRate: 0.5, steps: 11 }, { epsilon: 4.014848, delta: 1e-10 }, 3],
    ] as const) {
      const found = noiseMultiplierFor(steps, target);
      expect(Math.abs(found / noiseMultiplier - 1)).toBeLessThan(0.001);
      expect(gaussianEpsilon([{ ...steps, noiseMultiplier: found }], target.delta)).toBeLessThanOrEqual(target.epsilon);
    }
  });

  it("is the variance of Skellam noise that keeps to the target, and no more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 1, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        (l2, ratio, sums, epsilon) => {
          const norms = { l1: l2 * ratio, l2 };
          const variance = skellamVarianceFor(norms, sums, { epsilon, delta: 1e-6 });
          const spent = (part: number) =>
            renyiEpsilon(skellamCurve({ ...norms, variance: variance * part }, sums), 1e-6);
          expect(spent(1)).toBeLessThanOrEqual(epsilon);
          expect(spent(0.999)).toBeGreaterThan(epsilon);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is refused for a target that is none, or that no noise reaches", () => {
    const steps = { samplingRate: 0.1, steps: 10 };
    for (const target of [
      { epsilon: 0, delta: 1e-5 },
      { epsilon: Infinity, delta: 1e-5 },
      { epsilon: 1, delta: 0 },
      { epsilon: 1, delta: 1 },
    ]) {
      expect(() => noiseMultiplierFor(steps, target)).toThrow(RangeError);
      expect(() => skellamVarianceFor({ l1: 3, l2: 2 }, 5, target)).toThrow(RangeError);
    }
    expect(() => skellamVarianceFor({ l1: 1e12, l2: 1e9 }, 1000, { epsilon: 1e-3, delta: 1e-9 })).toThrow(
      "no noise up to",
    );
  });
});
