import { describe, expect, it } from "vitest";
import { chargedNoiseMultiplier, GaussianNoise } from "../../../src/federated/noise/gaussian-noise.js";
import { seededWords } from "./seeded-words.js";

const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);

/** Standard normal P(X <= x), by Simpson's rule from 0. */
function normalBelow(x: number): number {
  const parts = 60;
  let sum = density(0) + density(x);
  for (let at = 1; at < parts; at++) sum += (at % 2 === 0 ? 2 : 4) * density((at * x) / parts);
  return 0.5 + (sum * x) / parts / 3;
}

const draws = 300_000;
const gridSteps = 1024 * Math.hypot(1, 128);

function noiseOn(value: number, deviation: number, seed: string): Float64Array {
  const values = new Float64Array(draws).fill(value);
  new GaussianNoise(seededWords(seed)).addTo(values, deviation);
  return values;
}

describe("Gaussian noise", () => {
  for (const [value, deviation] of [
    [0, 1],
    [-3.7, 0.25],
    [120.4, 37],
  ] as const)
    it(`of deviation ${deviation} on ${value} is normal, by Kolmogorov and Smirnov`, () => {
      const sorted = noiseOn(value, deviation, `normal ${deviation}`).toSorted();
      let distance = 0;
      for (let at = 0; at < draws; at += 29) {
        const below = normalBelow(((sorted[at] ?? 0) - value) / deviation);
        distance = Math.max(distance, Math.abs(below - (at + 0.5) / draws));
      }
      // passed by chance once in 100,000
      expect(distance).toBeLessThan(2.47 / Math.sqrt(draws));
    });

  it("reaches far: its fourth moment is three", () => {
    const fourth = noiseOn(0, 1, "tails").reduce((sum, value) => sum + value ** 4, 0) / draws;
    expect(Math.abs(fourth / 3 - 1)).toBeLessThan(4.5 * Math.sqrt(96 / 9 / draws));
  });

  it("leaves nothing of a value but a point of the grid", () => {
    for (const value of [0.1, Math.PI, -1e-9, 1000 / 3]) {
      const deviation = 0.7;
      const values = new Float64Array(500).fill(value);
      new GaussianNoise(seededWords("grid")).addTo(values, deviation);
      for (const noisy of values) {
        const place = noisy / (deviation / gridSteps);
        expect(Math.abs(place - Math.round(place))).toBeLessThan(1e-6);
        // no bit is left below the grid: the point made again is the same double
        expect(Math.round(place) * (deviation / gridSteps)).toBe(noisy);
      }
    }
  });

  it("is added to single floats too", () => {
    const values = new Float32Array(1000).fill(2.5);
    new GaussianNoise(seededWords("single")).addTo(values, 0.5);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 2.5)).toBeLessThan((4.5 * 0.5) / Math.sqrt(1000));
    expect(new Set(values).size).toBeGreaterThan(950);
  });

  it("refuses values that are not finite or too far away for the grid, and a deviation of zero", () => {
    const noise = new GaussianNoise(seededWords("refused"));
    for (const value of [Number.NaN, Infinity, 1e12])
      expect(() => noise.addTo(Float64Array.of(1, value), 0.1)).toThrow(RangeError);
    for (const deviation of [0, -1, Number.NaN, Infinity])
      expect(() => noise.addTo(Float64Array.of(1), deviation)).toThrow(RangeError);
  });

  // by hand: sensitivity 1 + 2 sqrt(10000) / 131076
  it("is charged a little less than its deviation, for the rounding", () => {
    expect(chargedNoiseMultiplier(2, 10_000)).toBeCloseTo(2 / (1 + 200 / 131_076), 9);
    expect(chargedNoiseMultiplier(2, 10_000)).toBeLessThan(2);
  });
});
