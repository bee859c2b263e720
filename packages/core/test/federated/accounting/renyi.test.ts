import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  binomialSum,
  gaussianCurve,
  gaussianDivergence,
  integral,
} from "../../../src/federated/accounting/renyi-gaussian.js";
import {
  addedCurves,
  noCurve,
  renyiDelta,
  renyiEpsilon,
  renyiOrders,
} from "../../../src/federated/accounting/renyi.js";
import { vectors } from "./vectors.js";

const noises = fc.double({ min: 0.4, max: 20, noNaN: true });
const rates = fc.double({ min: 1e-5, max: 0.95, noNaN: true });

describe("Renyi accounting of Gaussian steps", () => {
  for (const { noiseMultiplier, samplingRate, steps, delta, rdp } of vectors.gaussian) {
    if (rdp === undefined) continue;
    it(`finds ${rdp} for sigma ${noiseMultiplier}, q ${samplingRate}, T ${steps}, delta ${delta}`, () => {
      const found = renyiEpsilon(gaussianCurve({ noiseMultiplier, samplingRate, steps }), delta);
      expect(Math.abs(found / rdp - 1)).toBeLessThan(0.001);
    });
  }

  // by mpmath's quadrature with 30 digits, from the definition
  it("has the divergences of Mironov, Talwar and Zhang at orders whole and broken", () => {
    for (const [samplingRate, noiseMultiplier, order, divergence] of [
      [0.01, 1.1, 1.25, 7.928005534868165e-5],
      [0.01, 1.1, 2.5, 0.0001620774093700037],
      [0.2, 0.7, 3.7, 1.598515550587502],
      [0.004, 4, 7.3, 3.771722422073682e-6],
      [0.3, 0.5, 10.9, 20.47441378109569],
      [0.01, 1.1, 32, 8.469416433675926],
      [0.2, 0.7, 11, 9.45410809827062],
    ] as const)
      expect(gaussianDivergence({ noiseMultiplier, samplingRate, steps: 1 }, order) / divergence).toBeCloseTo(1, 10);
  });

  it("finds the same by the sum and by the integral", () => {
    fc.assert(
      fc.property(noises, rates, fc.integer({ min: 2, max: 40 }), (noiseMultiplier, samplingRate, order) => {
        const part = { noiseMultiplier, samplingRate, steps: 1 };
        expect(Math.abs(binomialSum(part, order) - integral(part, order))).toBeLessThan(1e-6);
      }),
    );
  });

  it("never falls with the order, and (order - 1) D is convex in it", () => {
    fc.assert(
      fc.property(noises, rates, (noiseMultiplier, samplingRate) => {
        const part = { noiseMultiplier, samplingRate, steps: 1 };
        const [low, middle, high] = [2.4, 3, 3.6].map((order) => gaussianDivergence(part, order)) as [
          number,
          number,
          number,
        ];
        expect(low).toBeLessThanOrEqual(middle * (1 + 1e-9));
        expect(2 * 2 * middle).toBeLessThanOrEqual((1.4 * low + 2.6 * high) * (1 + 1e-9));
      }),
    );
  });

  it("loses no digits where the sampling rate is tiny", () => {
    const [rate, noiseMultiplier] = [1e-7, 3];
    const expected = rate * rate * Math.expm1(1 / noiseMultiplier ** 2);
    expect(gaussianDivergence({ noiseMultiplier, samplingRate: rate, steps: 1 }, 2) / expected).toBeCloseTo(1, 9);
  });

  it("adds up", () => {
    const one = gaussianCurve({ noiseMultiplier: 2, samplingRate: 0.1, steps: 30 });
    const other = gaussianCurve({ noiseMultiplier: 2, samplingRate: 0.1, steps: 10 });
    expect(renyiEpsilon(addedCurves(noCurve, other, 3), 1e-6)).toBeCloseTo(renyiEpsilon(one, 1e-6), 12);
    expect(renyiEpsilon(addedCurves(one, other), 1e-6)).toBeGreaterThan(renyiEpsilon(one, 1e-6));
  });
});

describe("the conversion of a Renyi curve", () => {
  it("finds the delta of the epsilon that it found", () => {
    fc.assert(
      fc.property(noises, fc.double({ min: -12, max: -1, noNaN: true }), (noiseMultiplier, logDelta) => {
        const curve = gaussianCurve({ noiseMultiplier, samplingRate: 1, steps: 3 });
        const epsilon = renyiEpsilon(curve, 10 ** logDelta);
        fc.pre(epsilon > 0);
        expect(Math.log10(renyiDelta(curve, epsilon))).toBeCloseTo(logDelta, 8);
      }),
    );
  });

  // one order alone: D + log((a - 1) / a) - (log delta + log a) / (a - 1) by hand
  it("is that of Canonne, Kamath and Steinke", () => {
    const only = renyiOrders.map((order) => (order === 8 ? 0.25 : Infinity));
    expect(renyiEpsilon(only, 1e-5)).toBeCloseTo(0.25 + Math.log(7 / 8) - (Math.log(1e-5) + Math.log(8)) / 7, 12);
  });

  it("refuses a delta or an epsilon outside its range", () => {
    for (const delta of [0, 1, Number.NaN]) expect(() => renyiEpsilon(noCurve, delta)).toThrow(RangeError);
    for (const epsilon of [-1, Number.NaN]) expect(() => renyiDelta(noCurve, epsilon)).toThrow(RangeError);
  });
});
