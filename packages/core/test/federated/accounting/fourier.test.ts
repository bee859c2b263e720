import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inverseTransform, transform } from "../../../src/federated/accounting/fourier.js";

const signals = fc.integer({ min: 0, max: 7 }).chain((log) => {
  const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2 ** log, maxLength: 2 ** log });
  return fc.tuple(values, values);
});

/** Straight from the definition. */
function slowTransform(real: readonly number[], imaginary: readonly number[]): { real: number[]; imaginary: number[] } {
  const bins = real.map((_, k) => {
    let [sumReal, sumImaginary] = [0, 0];
    for (let n = 0; n < real.length; n++) {
      const angle = (-2 * Math.PI * ((k * n) % real.length)) / real.length;
      const [re, im] = [real[n] ?? 0, imaginary[n] ?? 0];
      sumReal += re * Math.cos(angle) - im * Math.sin(angle);
      sumImaginary += re * Math.sin(angle) + im * Math.cos(angle);
    }
    return [sumReal, sumImaginary] as const;
  });
  return { real: bins.map(([re]) => re), imaginary: bins.map(([, im]) => im) };
}

function distance(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(one, (value, at) => Math.abs(value - (other[at] ?? Infinity))));
}

describe("a Fourier transform", () => {
  it("is the sum that defines it", () => {
    fc.assert(
      fc.property(signals, ([real, imaginary]) => {
        const found = { real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
        transform(found);
        const expected = slowTransform(real, imaginary);
        expect(distance(found.real, expected.real)).toBeLessThan(1e-12);
        expect(distance(found.imaginary, expected.imaginary)).toBeLessThan(1e-12);
      }),
    );
  });

  it("is undone by its inverse", () => {
    fc.assert(
      fc.property(signals, ([real, imaginary]) => {
        const found = { real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
        transform(found);
        inverseTransform(found);
        expect(distance(found.real, real)).toBeLessThan(1e-14);
        expect(distance(found.imaginary, imaginary)).toBeLessThan(1e-14);
      }),
    );
  });

  it("needs a power of two, in both parts", () => {
    for (const [one, other] of [
      [0, 0],
      [12, 12],
      [8, 4],
    ] as const)
      expect(() => transform({ real: new Float64Array(one), imaginary: new Float64Array(other) })).toThrow(RangeError);
  });
});
