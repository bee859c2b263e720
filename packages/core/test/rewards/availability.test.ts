import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  availabilityRewards,
  countingAtPrice,
  countingAvailability,
  nextReferencePrice,
  pauseAfterMiss,
} from "../../src/rewards/availability.js";
import { rewardDefaults } from "../../src/rewards/parameters.js";
import { nanoAisPerAis } from "../../src/units/money.js";

const unitMonth = 730 * 3_600 * 1_000_000;
const sumOf = (counting: readonly number[]) => counting.reduce((sum, one) => sum + BigInt(one), 0n);
/** Where all that are connected count. */
const rewardsOf = (counting: readonly number[], budget: bigint) =>
  availabilityRewards(counting, { budget, connected: sumOf(counting) }, rewardDefaults);
const anyAvailable = fc.integer({ min: 0, max: 10_000 * 1_000_000 * 86_400 });

describe("what is paid for being available", () => {
  it("is 1.5 AIS for a unit-month while the budget lasts: 15.3 for an RTX 4090 of 10.2 SCU", () => {
    const [reward] = rewardsOf([10.2 * unitMonth], 1_000n * nanoAisPerAis);
    expect(reward).toBe((153n * nanoAisPerAis) / 10n);
  });

  it("is shared by what each was available where the budget is too small", () => {
    const rewards = rewardsOf([unitMonth, 3 * unitMonth, 0], 2n * nanoAisPerAis);
    expect(rewards).toEqual([nanoAisPerAis / 2n, (3n * nanoAisPerAis) / 2n, 0n]);
  });

  it("never exceeds the budget, and is never below zero", () => {
    fc.assert(
      fc.property(
        fc.array(anyAvailable, { maxLength: 50 }),
        fc.bigInt({ min: 0n, max: 10n ** 16n }),
        (counting, budget) => {
          const rewards = rewardsOf(counting, budget);
          expect(rewards.reduce((sum, one) => sum + one, 0n) <= budget).toBe(true);
          expect(rewards.every((one) => one >= 0n)).toBe(true);
        },
      ),
    );
  });

  it("is not more for anybody because others are connected and do not count", () => {
    const [alone, amid] = [2n, 4n].map((units) =>
      availabilityRewards(
        [unitMonth, unitMonth],
        { budget: nanoAisPerAis, connected: units * BigInt(unitMonth) },
        rewardDefaults,
      ),
    );
    expect(alone).toEqual([nanoAisPerAis / 2n, nanoAisPerAis / 2n]);
    expect(amid).toEqual([nanoAisPerAis / 4n, nanoAisPerAis / 4n]);
    fc.assert(
      fc.property(fc.array(anyAvailable, { minLength: 1 }), fc.bigInt({ min: 0n, max: 10n ** 16n }), (all, budget) => {
        const [own = 0, ...others] = all;
        const connected = sumOf(all);
        const [before] = availabilityRewards(all, { budget, connected }, rewardDefaults);
        const [after] = availabilityRewards([own, ...others.map(() => 0)], { budget, connected }, rewardDefaults);
        expect(after).toBe(before);
      }),
    );
  });

  it("is not more for who splits an agent in two", () => {
    fc.assert(
      fc.property(
        anyAvailable,
        anyAvailable,
        anyAvailable,
        fc.bigInt({ min: 0n, max: 10n ** 16n }),
        (one, other, rest, budget) => {
          const [whole] = rewardsOf([one + other, rest], budget);
          const [first = 0n, second = 0n] = rewardsOf([one, other, rest], budget);
          expect(first + second <= (whole ?? 0n)).toBe(true);
        },
      ),
    );
  });
});

const atPrice = (floorPrice: number, units = 1_000_000) =>
  countingAtPrice(units, { floorPrice, referencePrice: 3_087 }, rewardDefaults);

describe("an offer counts", () => {
  const anyPrice = fc.integer({ min: 1, max: 1e9 });
  const anyRules = fc.record({ mostPricePercent: fc.integer({ min: 100, max: 1_000 }) });

  it("fully up to the reference price, above it evenly less, and not at all from 1.25 times it on", () => {
    expect([1, 3_087].map((floor) => atPrice(floor))).toEqual([1_000_000, 1_000_000]);
    expect([3_165, 3_395, 3_704].map((floor) => atPrice(floor))).toEqual([898_931, 600_907, 200_518]);
    expect([3_858, 3_859, 1e9].map((floor) => atPrice(floor))).toEqual([971, 0, 0]);
  });

  it("in whole units, though an epoch's units times a price are far above 2^53", () => {
    const units = 2 ** 53 - 1;
    const half = countingAtPrice(units, { floorPrice: 1_125_000_000, referencePrice: 1e9 }, rewardDefaults);
    expect(half).toBe(2 ** 52 - 1);
  });

  it("never more at a higher price, fully up to the reference price and not at all where a pool calls it too dear", () => {
    fc.assert(
      fc.property(anyAvailable, anyPrice, anyPrice, anyPrice, anyRules, (units, one, other, referencePrice, rules) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const [cheap = 0, dear = 0] = [low, high].map((floorPrice) =>
          countingAtPrice(units, { floorPrice, referencePrice }, rules),
        );
        expect(Number.isSafeInteger(cheap) && cheap <= units && dear <= cheap && dear >= 0).toBe(true);
        expect(cheap === units || low > referencePrice).toBe(true);
        expect(dear === 0 || high <= referencePrice || high * 100 < referencePrice * rules.mostPricePercent).toBe(true);
      }),
    );
  });

  it("not for more where an agent is split in two", () => {
    fc.assert(
      fc.property(anyAvailable, anyAvailable, anyPrice, anyPrice, (one, other, floorPrice, referencePrice) => {
        const [first = 0, second = 0, whole = 0] = [one, other, one + other].map((units) =>
          countingAtPrice(units, { floorPrice, referencePrice }, rewardDefaults),
        );
        expect(first + second).toBeLessThanOrEqual(whole);
      }),
    );
  });
});

const counted = (offered: number, missed: number) =>
  countingAvailability({ available: 7, offered, missed }, rewardDefaults);

describe("an agent is available", () => {
  it("but not for a quarter of an hour after each miss except the first of an epoch", () => {
    expect([1, 2, 3, 40].map(pauseAfterMiss)).toEqual([0, 900_000, 900_000, 900_000]);
  });

  it("where it takes at least 95% of what it is offered, one miss forgiven", () => {
    expect([counted(0, 0), counted(1, 1), counted(100, 5)]).toEqual([7, 7, 7]);
    expect([counted(2, 2), counted(39, 2), counted(100, 6)]).toEqual([0, 0, 0]);
  });
});

describe("the reference price", () => {
  const anyPaid = fc.array(fc.record({ price: fc.integer({ min: 1, max: 1e9 }), work: fc.nat(1e12) }), {
    maxLength: 30,
  });

  it("rises to what half of the work did not exceed and falls to where half of the money went, a tenth of itself at a time", () => {
    const paid = [
      { price: 100, work: 1 },
      { price: 2_900, work: 5 },
      { price: 5_000, work: 4 },
    ];
    expect(nextReferencePrice(2_800, paid, rewardDefaults)).toBe(2_900);
    expect(nextReferencePrice(2_000, paid, rewardDefaults)).toBe(2_200);
    expect(nextReferencePrice(3_000, paid, rewardDefaults)).toBe(3_000);
    expect(nextReferencePrice(5_200, paid, rewardDefaults)).toBe(5_000);
    expect(nextReferencePrice(9_000, paid, rewardDefaults)).toBe(8_100);
  });

  it("stays where nothing was paid", () => {
    expect(nextReferencePrice(3_087, [], rewardDefaults)).toBe(3_087);
    expect(nextReferencePrice(3_087, [{ price: 9_000, work: 0 }], rewardDefaults)).toBe(3_087);
  });

  it("is not moved upwards by less than half of all work, at whatever price", () => {
    fc.assert(
      fc.property(anyPaid, fc.integer({ min: 1, max: 1e6 }), (paid, reference) => {
        const honest = paid.reduce((sum, { work }) => sum + work, 0);
        fc.pre(honest > 1);
        const washed = [...paid, { price: 1e9, work: Math.floor((honest - 1) / 2) }];
        const highest = Math.max(...paid.filter(({ work }) => work > 0).map(({ price }) => price));
        expect(nextReferencePrice(reference, washed, rewardDefaults)).toBeLessThanOrEqual(Math.max(reference, highest));
      }),
    );
  });

  it("is not moved downwards for less than half of all money, however much work is done for nearly nothing", () => {
    fc.assert(
      fc.property(anyPaid, fc.integer({ min: 1, max: 1e6 }), fc.nat(1e13), (paid, reference, work) => {
        const money = paid.reduce((sum, each) => sum + each.price * each.work, 0);
        fc.pre(work < money);
        const lowest = Math.min(...paid.filter((each) => each.work > 0).map(({ price }) => price));
        expect(nextReferencePrice(reference, [...paid, { price: 1, work }], rewardDefaults)).toBeGreaterThanOrEqual(
          Math.min(reference, lowest),
        );
      }),
    );
    const honest = { price: 3_087, work: 1_000 };
    expect(nextReferencePrice(3_087, [honest, { price: 1, work: 3_000_000 }], rewardDefaults)).toBe(3_087);
    expect(nextReferencePrice(3_087, [honest, { price: 1, work: 3_200_000 }], rewardDefaults)).toBe(2_779);
  });

  it("is always a price, and never further than a step away", () => {
    fc.assert(
      fc.property(anyPaid, fc.integer({ min: 1, max: 1e9 }), (paid, reference) => {
        const next = nextReferencePrice(reference, paid, rewardDefaults);
        expect(Number.isSafeInteger(next) && next >= 1).toBe(true);
        expect(Math.abs(next - reference)).toBeLessThanOrEqual(Math.max(1, reference / 10));
      }),
    );
  });
});
