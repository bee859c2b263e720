import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renyiEpsilon, renyiOrders } from "../../../src/federated/accounting/renyi.js";
import { directionEpsilon, skellamProbabilities } from "../../../src/federated/accounting/skellam-losses.js";
import { skellamCurve, varianceOfParticipant, varianceOfSum } from "../../../src/federated/accounting/skellam.js";
import { coordinates, norms, vectors } from "./vectors.js";

/** The logarithms of P(X = k) for k from -most to most, by their recurrence, far into the tails. */
function logProbabilities(variance: number, most: number): Float64Array {
  const logs = new Float64Array(2 * most + 1);
  const ratios = new Float64Array(most + 1);
  for (let k = most, ratio = 0; k > 0; k--) ratios[k] = ratio = 1 / ((2 * k) / variance + ratio);
  for (let k = 1; k <= most; k++)
    logs[most + k] = logs[most - k] = (logs[most + k - 1] ?? 0) + Math.log(ratios[k] ?? 0);
  const total = Math.log(logs.reduce((sum, log) => sum + Math.exp(log), 0));
  return logs.map((log) => log - total);
}

/** The exact Renyi divergence of order `alpha` of noise that is shifted by an integer. */
function exactDivergence(variance: number, shift: number, alpha: number): number {
  // where exp(alpha log P + (1 - alpha) log Q) is largest, k is about alpha shift
  const most = Math.ceil(20 * Math.sqrt(variance) + 12 * alpha * shift + 100);
  const logs = logProbabilities(variance, most);
  const terms = logs.subarray(shift).map((logQ, at) => alpha * (logs[at] ?? 0) + (1 - alpha) * logQ);
  const largest = terms.reduce((one, other) => Math.max(one, other));
  return (largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0))) / (alpha - 1);
}

describe("the Renyi curve of Skellam sums", () => {
  it("is never below the exact divergence of an integer, at any order", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 4, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: renyiOrders.indexOf(64) }),
        (logVariance, shift, at) => {
          const variance = 10 ** logVariance;
          const bound = skellamCurve({ variance, l1: shift, l2: shift }, 1)[at] ?? 0;
          expect(bound).toBeGreaterThanOrEqual(exactDivergence(variance, shift, renyiOrders[at] ?? 0) * (1 - 1e-9));
        },
      ),
      { numRuns: 60 },
    );
  });

  // by hand: alpha 3, mu 50, L1 20, L2 squared 100
  it("is the theorem's, in whichever term is smaller", () => {
    const at = renyiOrders.indexOf(3);
    const curve = skellamCurve({ variance: 50, l1: 20, l2: 10 }, 4);
    expect(curve[at]).toBeCloseTo(4 * (3 + Math.min((5 * 100 + 6 * 20) / 10_000, 60 / 100)), 12);
    const small = skellamCurve({ variance: 0.5, l1: 20, l2: 10 }, 1);
    expect(small[at]).toBeCloseTo(300 + 60, 10);
  });

  it("takes the smaller norm where integers cannot have the larger", () => {
    const spread = skellamCurve({ variance: 50, l1: 9, l2: 3 }, 1);
    expect(skellamCurve({ variance: 50, l1: 500, l2: 3 }, 1)).toEqual(spread);
    const single = skellamCurve({ variance: 50, l1: 4, l2: 4 }, 1);
    expect(skellamCurve({ variance: 50, l1: 4, l2: 70 }, 1)).toEqual(single);
  });

  it("refuses parameters outside their range, such as norms in other units than quanta", () => {
    const sum = { variance: 50, l1: 20, l2: 10 };
    for (const wrong of [
      { ...sum, variance: 0 },
      { ...sum, variance: Infinity },
      { ...sum, l1: 0.9 },
      { ...sum, l2: 0.5 },
      { ...sum, l2: Number.NaN },
    ])
      expect(() => skellamCurve(wrong, 1)).toThrow(RangeError);
    for (const sums of [-1, 0.5]) expect(() => skellamCurve(sum, sums)).toThrow(RangeError);
  });
});

describe("epsilon of Skellam sums", () => {
  for (const vector of vectors.skellam) {
    const { variance, shifts, sums, delta } = vector;
    it(`is never below that of the direction ${JSON.stringify(shifts)}, variance ${variance}, ${sums} sums`, () => {
      const all = coordinates(vector);
      const exact = directionEpsilon(variance, all, { sums, delta });
      expect(renyiEpsilon(skellamCurve({ variance, ...norms(all) }, sums), delta)).toBeGreaterThanOrEqual(exact);
      expect(Math.abs(exact / (vector.epsilon ?? exact) - 1)).toBeLessThan(0.0012);
    });
  }

  it("differs between directions of the same length: one of them is no bound for another", () => {
    const target = { sums: 1, delta: 1e-6 };
    const single = directionEpsilon(1, [3], target);
    const spread = directionEpsilon(
      1,
      Array.from({ length: 9 }, () => 1),
      target,
    );
    expect(Math.abs(single - spread)).toBeGreaterThan(0.1 * Math.min(single, spread));
  });

  it("tends to the Gaussian's where the noise is wide", () => {
    // sigma 1, once: 4.37718 by the analytic Gaussian mechanism
    expect(directionEpsilon(1e6, [1000], { sums: 1, delta: 1e-5 })).toBeCloseTo(4.377, 2);
    expect(
      directionEpsilon(
        1e6,
        Array.from({ length: 100 }, () => 100),
        { sums: 1, delta: 1e-5 },
      ),
    ).toBeCloseTo(4.377, 2);
  });

  it("needs integers that are not all zero", () => {
    expect(() => directionEpsilon(5, [1, 0.5], { sums: 1, delta: 1e-5 })).toThrow(RangeError);
    expect(() => directionEpsilon(5, [0, 0], { sums: 1, delta: 1e-5 })).toThrow("all of them are zero");
    expect(() => directionEpsilon(-5, [1], { sums: 1, delta: 1e-5 })).toThrow(RangeError);
  });
});

describe("Skellam probabilities", () => {
  // exp(-mu) I_k(mu) by scipy.special.ive
  it("are those of the Bessel functions", () => {
    const found = skellamProbabilities(7.3);
    for (const [k, p] of [
      [0, 0.15041465295234574],
      [1, 0.13969579150331676],
      [5, 0.02583370768332228],
      [20, 9.1425664660372e-11],
    ] as const)
      expect((found[k] ?? 0) / p).toBeCloseTo(1, 9);
  });
});

describe("the variance of a sum", () => {
  it("counts the participants of the smallest sum that do not collude", () => {
    expect(varianceOfSum(3.5, 5, 1)).toBe(14);
    expect(varianceOfParticipant(14, 5, 1)).toBe(3.5);
    expect(varianceOfParticipant(100, 8, 0)).toBe(12.5);
  });

  it("is refused where nobody's noise would be left", () => {
    for (const [floor, colluders] of [
      [5, 5],
      [5, 6],
      [5, -1],
      [5.5, 1],
      [5, 0.5],
    ] as const)
      expect(() => varianceOfParticipant(100, floor, colluders)).toThrow(RangeError);
  });
});
