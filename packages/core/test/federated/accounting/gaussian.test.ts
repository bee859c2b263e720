import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gaussianDelta, gaussianEpsilon } from "../../../src/federated/accounting/gaussian.js";
import { composeLosses } from "../../../src/federated/accounting/composition.js";
import { gaussianLosses, gridStep } from "../../../src/federated/accounting/gaussian-losses.js";
import type { GaussianSteps } from "../../../src/federated/accounting/gaussian-steps.js";
import { gaussianCurve } from "../../../src/federated/accounting/renyi-gaussian.js";
import { renyiEpsilon } from "../../../src/federated/accounting/renyi.js";
import { vectors } from "./vectors.js";

/** 1 - Phi(x) by its continued fraction beyond 2, by its series before. */
function upperTail(x: number): number {
  if (x < 0) return 1 - upperTail(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 2) {
    let [sum, term] = [0, x];
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      sum += term;
      term *= (x * x) / (2 * n + 1);
    }
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let n = 200; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
}

/** The exact delta of Gaussian noise that hides a difference of `mu` deviations (Balle, Wang 2018, theorem 8). */
const exactDelta = (mu: number, epsilon: number) =>
  upperTail(epsilon / mu - mu / 2) - Math.exp(epsilon) * upperTail(epsilon / mu + mu / 2);

const plain = (noiseMultiplier: number, steps = 1) => ({ noiseMultiplier, samplingRate: 1, steps });

describe("epsilon of Gaussian steps", () => {
  for (const { noiseMultiplier, samplingRate, steps, delta, pld } of vectors.gaussian) {
    if (pld === undefined) continue;
    it(`is ${pld} for sigma ${noiseMultiplier}, q ${samplingRate}, T ${steps}, delta ${delta}`, () => {
      const found = gaussianEpsilon([{ noiseMultiplier, samplingRate, steps }], delta);
      expect(Math.abs(found / pld - 1)).toBeLessThan(0.001);
    });
  }

  // dp_accounting 0.6, on steps of 5e-5
  it("adds up for different steps", () => {
    const parts = [
      { noiseMultiplier: 1.2, samplingRate: 0.02, steps: 300 },
      { noiseMultiplier: 3, samplingRate: 1, steps: 4 },
    ];
    expect(gaussianEpsilon(parts, 1e-5)).toBeCloseTo(3.1988, 2);
    expect(gaussianEpsilon(parts, 1e-6)).toBeCloseTo(3.6002, 2);
    expect(gaussianDelta(parts, 2) / 0.002438332738658506).toBeCloseTo(1, 2);
    expect(gaussianEpsilon(parts.toReversed(), 1e-5)).toBeCloseTo(gaussianEpsilon(parts, 1e-5), 10);
  });

  it("is that of the analytic Gaussian mechanism without sampling, from above and closely", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.8, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: -11, max: -2, noNaN: true }),
        (noiseMultiplier, steps, logDelta) => {
          const delta = 10 ** logDelta;
          const epsilon = gaussianEpsilon([plain(noiseMultiplier, steps)], delta);
          const mu = Math.sqrt(steps) / noiseMultiplier;
          expect(exactDelta(mu, epsilon)).toBeLessThanOrEqual(delta * (1 + 1e-7));
          // a little less would not be enough
          expect(exactDelta(mu, epsilon * 0.999 - 1e-4)).toBeGreaterThan(delta);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is right where it is in the thousands, and where delta is tiny", () => {
    const many = gaussianEpsilon([plain(0.2, 100)], 1e-5);
    expect(exactDelta(50, many * 1.0001 - 1500) > 0).toBe(true);
    expect(many).toBeGreaterThan(1250);
    expect(many).toBeLessThan(1250 + 50 * 4.27);
    const rare = gaussianEpsilon([plain(2)], 1e-20);
    expect(exactDelta(0.5, rare) / 1e-20).toBeCloseTo(1, 1);
  });

  it("is 0.126936 as a delta, for sigma sqrt(3), three times, at epsilon 1", () => {
    expect(gaussianDelta([plain(Math.sqrt(3), 3)], 1) / 0.126936).toBeCloseTo(1, 3);
    expect(gaussianDelta([plain(Math.sqrt(3), 3)], 1)).toBeGreaterThan(0.126936);
  });

  it("has the delta that it was found for, and is at most that of Renyi accounting", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: -12, max: -3, noNaN: true }),
        (noiseMultiplier, samplingRate, steps, logDelta) => {
          const part = { noiseMultiplier, samplingRate, steps };
          const epsilon = gaussianEpsilon([part], 10 ** logDelta);
          const apart = Math.log10(gaussianDelta([part], epsilon)) - logDelta;
          expect(apart).toBeLessThan(0.005 * (1 - logDelta));
          // an epsilon as small as the grid's step is an upper bound only
          expect(apart).toBeGreaterThan(epsilon > 0.01 ? -0.005 * (1 - logDelta) : -Infinity);
          expect(epsilon).toBeLessThanOrEqual(renyiEpsilon(gaussianCurve(part), 10 ** logDelta) * 1.001);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("is the worse of both adjacencies, which are not the same", () => {
    const part = { noiseMultiplier: 1, samplingRate: 0.1, steps: 1 };
    const [removed, added] = (["remove", "add"] as const).map((adjacency) => {
      const losses = gaussianLosses(part, adjacency, gridStep([part], { epsilon: 0.03 }));
      return composeLosses([{ losses, times: 1 }], { epsilon: 0.03 }).deltaAt(0.03);
    });
    // from the definition: for removal q P(x > 1/2 + log(1 + expm1(epsilon) / q)) and so on; for addition the loss is at most -log(1 - q)
    const place = 0.5 + Math.log1p(Math.expm1(0.03) / 0.1);
    const mixture = 0.9 * upperTail(place) + 0.1 * upperTail(place - 1);
    expect((removed ?? 0) / (mixture - Math.exp(0.03) * upperTail(place))).toBeCloseTo(1, 2);
    const low = 0.5 + Math.log1p(Math.expm1(-0.03) / 0.1);
    const mixtureBelow = 0.9 * upperTail(-low) + 0.1 * upperTail(1 - low);
    expect((added ?? 0) / (upperTail(-low) - Math.exp(0.03) * mixtureBelow)).toBeCloseTo(1, 1);
    expect(gaussianDelta([part], 0.03)).toBe(Math.max(removed ?? 0, added ?? 0));
  });

  it("is refused for parameters outside their range", () => {
    const part = plain(1);
    const wrongs: [string, Partial<GaussianSteps>[]][] = [
      ["a noise multiplier of", [0.049, 1.1e6, Infinity, Number.NaN].map((noiseMultiplier) => ({ noiseMultiplier }))],
      ["a sampling rate of", [0, 1.01, Number.NaN].map((samplingRate) => ({ samplingRate }))],
      ["steps: an integer", [0, 1.5, 1e8].map((steps) => ({ steps }))],
    ];
    for (const [complaint, each] of wrongs)
      for (const wrong of each) expect(() => gaussianEpsilon([{ ...part, ...wrong }], 1e-5)).toThrow(complaint);
    for (const delta of [0, 1, Number.NaN]) expect(() => gaussianEpsilon([part], delta)).toThrow(RangeError);
    for (const epsilon of [-1, Number.NaN]) expect(() => gaussianDelta([part], epsilon)).toThrow(RangeError);
  });
});
