import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeFor } from "../../src/market/charge.js";
import { chargedPrice, isComplex, longWork, worstCharge } from "../../src/market/complex.js";

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

describe("a complex task", () => {
  const complex = { requirements: {}, maxWork: longWork };

  it("is charged 30% more than the market's price, and any other nothing more", () => {
    expect(chargedPrice(3_087n, complex)).toBe(4_013n);
    expect(chargedPrice(3_087n, { requirements: { gang: { number: 1, size: 2 } }, maxWork: 1 })).toBe(4_013n);
    expect(chargedPrice(3_087n, { requirements: {}, maxWork: longWork - 1 })).toBe(3_087n);
  });

  it("is never charged more than is set aside for it", () => {
    const anyPrice = fc.bigInt({ min: 1n, max: 10n ** 9n });
    fc.assert(
      fc.property(
        anyPrice,
        anyPrice,
        fc.integer({ min: 1, max: 2 * longWork }),
        fc.nat(1e9),
        (one, other, maxWork, leaseMs) => {
          const [price, maxPrice] = one < other ? [one, other] : [other, one];
          const task = { requirements: {}, maxWork };
          const { charge } = chargeFor({ leaseMs, speed: 1_000_000, maxWork, price: chargedPrice(price, task) });
          expect(charge <= worstCharge({ ...task, maxPrice })).toBe(true);
        },
      ),
    );
  });
});
