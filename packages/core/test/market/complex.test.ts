import fc from "fast-check";
import { expect, it } from "vitest";
import { isComplex, longWork } from "../../src/market/complex.js";

it("a task is complex where it is one of a gang, or may be paid for an SCU-hour or more", () => {
  expect(isComplex({}, 1)).toBe(false);
  expect(isComplex({ gang: { number: 1, size: 2 } }, 1)).toBe(true);
  expect(isComplex({}, longWork - 1)).toBe(false);
  expect(isComplex({}, longWork)).toBe(true);
});

it("more work never makes a task less complex", () => {
  const anyWork = fc.integer({ min: 1, max: 2 * longWork });
  fc.assert(
    fc.property(anyWork, anyWork, (work, more) => {
      expect(isComplex({}, work) && !isComplex({}, work + more)).toBe(false);
    }),
  );
});
