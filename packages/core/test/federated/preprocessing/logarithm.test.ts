import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logarithm } from "../../../src/federated/preprocessing/logarithm.js";

describe("the logarithm of four operations", () => {
  it("is the platform's to within a few units of the last place, from the smallest to the largest numbers", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true }), (value) => {
        const exact = Math.log(value);
        expect(Math.abs(logarithm(value) - exact)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(exact)));
      }),
      { numRuns: 1000 },
    );
  });

  it("is 0 at 1 and exact at powers of two", () => {
    expect(logarithm(1)).toBe(0);
    expect(logarithm(1024)).toBe(10 * Math.LN2);
    expect(logarithm(1 / 4)).toBe(-2 * Math.LN2);
  });
});
