import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Part } from "../../../src/federated/procedure.js";
import {
  decode,
  encode,
  type EncodingSources,
  largestTotal,
  overflowOf,
  roundedNorm,
} from "../../../src/federated/secure-sum/encoding.js";
import { keystream } from "../../../src/federated/secure-sum/mask-stream.js";
import { filled } from "../../fixtures.js";

const { arithmetic } = primitives;
const noNoise = (): void => undefined;

/** Sources that repeat. */
function sources(seed: number, addNoise: EncodingSources["addNoise"] = noNoise): EncodingSources {
  return { random: keystream(filled(seed), primitives), addNoise, arithmetic };
}

/** As much to each value as its variance says. */
function addVariance(into: Int32Array, variance: number): void {
  for (let index = 0; index < into.length; index++) into[index] = (into[index] ?? 0) + variance;
}

const partOf = (values: readonly number[], rest: Partial<Part> = {}): Part => ({
  name: "update",
  values: Float64Array.from(values),
  quantum: 0.25,
  limit: 100,
  ...rest,
});

const encodeOne = (part: Part, seed = 1): number[] => [...encode({ parts: [part] }, sources(seed))];

describe("a value that is summed", () => {
  it("is rounded up or down to whole quanta, never further", () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 0, max: 255 }),
        (values, seed) => {
          for (const [index, integer] of encodeOne(partOf(values), seed).entries()) {
            expect(Math.abs(integer - (values[index] ?? 0) / 0.25)).toBeLessThan(1);
          }
        },
      ),
    );
  });

  it("keeps its mean: rounding is not biased", () => {
    const count = 200_000;
    const integers = encodeOne(partOf(Array.from({ length: count }, () => 0.325)));
    const mean = integers.reduce((sum, integer) => sum + integer, 0) / count;
    // 1.3 quanta: between 1 and 2, with a standard error of 0.001
    expect(mean).toBeGreaterThan(1.295);
    expect(mean).toBeLessThan(1.305);
    expect(new Set(integers)).toEqual(new Set([1, 2]));
  });

  it("that is a whole number of quanta stays what it is", () => {
    expect(encodeOne(partOf([-2, 0, 0.25, 25]))).toEqual([-8, 0, 1, 100]);
  });

  it("is cut to its limit", () => {
    expect(encodeOne(partOf([250, -1e300, 3]))).toEqual([400, -400, 12]);
  });

  it("is refused where it is not finite", () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(() => encodeOne(partOf([1, value]))).toThrow(`"update" has ${value} at 1`);
    }
  });

  it("keeps its norm's bound in whole quanta too, whatever the rounding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 400 }), (seed, count) => {
        const part = partOf(
          Array.from({ length: count }, (_, index) => 3 + (index % 5)),
          { l2: 2 },
        );
        const norm = Math.sqrt(encodeOne(part, seed).reduce((sum, integer) => sum + integer ** 2, 0));
        expect(norm).toBeLessThanOrEqual(roundedNorm(8, count) + 1e-9);
      }),
    );
  });

  it("is rounded anew where it would break its norm's bound", () => {
    // sixteen halves of a quantum: all rounded up they would have norm 4
    const part = partOf(
      Array.from({ length: 16 }, () => 0.125),
      { l2: 0.5 },
    );
    const random = keystream(filled(1), primitives);
    const norms = Array.from({ length: 2_000 }, () =>
      Math.hypot(...encode({ parts: [part] }, { random, addNoise: noNoise, arithmetic })),
    );
    expect(roundedNorm(2, 16)).toBeCloseTo(Math.sqrt(12), 12);
    expect(Math.max(...norms)).toBeGreaterThan(3);
    expect(Math.max(...norms)).toBeLessThan(3.47);
  });

  it("has noise added where its part says so, after rounding", () => {
    const parts = [partOf([1, 2], { noiseVariance: 7 }), partOf([1])];
    expect([...encode({ parts }, sources(1, addVariance))]).toEqual([11, 15, 4]);
  });

  it("comes back from a sum in its own unit", () => {
    const parts = [partOf([1, -2]), partOf([0.5], { quantum: 0.5 })];
    expect(decode({ parts }, Int32Array.of(8, -17, 3))).toEqual([Float64Array.of(2, -4.25), Float64Array.of(1.5)]);
  });
});

const step = (limit: number, noiseVariance = 0) => ({
  name: "round 1",
  parts: [partOf([1], { quantum: 1, limit, noiseVariance })],
});

describe("a sum that could overflow", () => {
  it("is refused before anything is uploaded, noise included", () => {
    const most = 2 ** 31 / 100 - 1;
    expect(overflowOf(step(most - 0.1), 100)).toBeUndefined();
    expect(overflowOf(step(most), 100)).toMatch(/^"update" of "round 1" could sum to 2147483648 quanta among 100 part/);
    expect(overflowOf(step(most - 1_000, 5e5), 100)).toBeUndefined();
    expect(overflowOf(step(most - 1_000, 1e8), 100)).toContain("2^31 at most");
    expect(overflowOf(step(NaN), 100)).toContain("could sum to NaN");
  });

  it("would need noise larger than a bound that it passes with a chance below 2^-64", () => {
    // Bernstein: exp(-x^2 / (2 (V + x/3))) at the bound is exp(-65)
    const variance = 12_345;
    const x = largestTotal({ quantum: 1, limit: 0, noiseVariance: variance }, 1) - 1;
    expect((x * x) / (2 * (variance + x / 3))).toBeCloseTo(65, 6);
  });
});
