import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeFor, costOf, defaultPrices, feePercent } from "../../src/market/charge.js";

const price = fc.bigInt({ min: 0n, max: 10n ** 18n - 1n });
const run = fc.record({
  leaseMs: fc.nat({ max: 7 * 24 * 3_600_000 }),
  speed: fc.integer({ min: 1, max: 10_000_000 }),
  maxWork: fc.maxSafeNat(),
  price,
});

describe("a charge", () => {
  it("is work times price, worked out by hand", () => {
    const charge = chargeFor({ leaseMs: 2_500, speed: 35_000, maxWork: 1_000_000, price: 4_000n });
    expect(charge).toEqual({ work: 87_500, charge: 350n, fee: 35n, reward: 315n });
  });

  it("of one SCU-hour at the default floor leaves the agent 0.010 AIS net of the fee", () => {
    const { reward } = chargeFor({ leaseMs: 3_600_000, speed: 1_000_000, maxWork: 1e12, price: defaultPrices.floor });
    expect(reward).toBeGreaterThanOrEqual(10_000_000n);
    expect(reward).toBeLessThan(10_010_000n);
  });

  it("is always reward and fee together, neither below nothing, the fee at most its percentage", () => {
    fc.assert(
      fc.property(run, (of) => {
        const { charge, reward, fee } = chargeFor(of);
        expect(reward + fee).toBe(charge);
        expect(reward >= 0n && fee >= 0n).toBe(true);
        expect(fee * 100n <= charge * feePercent).toBe(true);
        expect((fee + 1n) * 100n > charge * feePercent).toBe(true);
      }),
    );
  });

  it("never covers more work than the requester declared, nor more than was leased", () => {
    fc.assert(
      fc.property(run, (of) => {
        const { work } = chargeFor(of);
        expect(work).toBeLessThanOrEqual(of.maxWork);
        expect(work).toBeLessThanOrEqual(Math.ceil((of.speed * of.leaseMs) / 1_000));
        expect(Number.isSafeInteger(work)).toBe(true);
      }),
    );
  });

  it("does not grow with a lease that outlasts the declared work", () => {
    const of = { speed: 1_000_000, maxWork: 5_000_000, price: 4_000n };
    expect(chargeFor({ ...of, leaseMs: 5_000 })).toEqual(chargeFor({ ...of, leaseMs: 500_000 }));
    expect(chargeFor({ ...of, leaseMs: 4_999 }).charge).toBeLessThan(chargeFor({ ...of, leaseMs: 5_000 }).charge);
  });

  it("is nothing when the pool's clock was set back during the lease", () => {
    const nothing = { work: 0, charge: 0n, fee: 0n, reward: 0n };
    expect(chargeFor({ leaseMs: -5_000, speed: 1_000_000, maxWork: 1e9, price: 4_000n })).toEqual(nothing);
  });
});

describe("a cost", () => {
  it("is rounded up to a whole nAIS", () => {
    expect(costOf(0, 4_000n)).toBe(0n);
    expect(costOf(1, 1n)).toBe(1n);
    expect(costOf(1_000_000, 3n)).toBe(3n);
    expect(costOf(1_000_001, 3n)).toBe(4n);
    expect(costOf(333_333, 3n)).toBe(1n);
    expect(costOf(333_334, 3n)).toBe(2n);
  });

  it("loses no nAIS where floating point would", () => {
    expect(costOf(9_007_199_254_740_991, 999_999_999_999_999_999n)).toBe(9_007_199_254_740_990_990_992_800_746n);
    expect(costOf(9_007_199_254_740_991, 1_000_000n)).toBe(9_007_199_254_740_991n);
  });

  it("is the least whole amount that covers work times price", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), price, (work, each) => {
        const exact = BigInt(work) * each;
        expect(costOf(work, each) * 1_000_000n >= exact).toBe(true);
        expect((costOf(work, each) - 1n) * 1_000_000n < exact).toBe(true);
      }),
    );
  });
});
