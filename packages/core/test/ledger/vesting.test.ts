import fc from "fast-check";
import { expect, it } from "vitest";
import { vestedAmount } from "../../src/ledger/vesting.js";

it("a part of what an epoch has brought goes into the bond, rounded down, until the bond is as large as wanted", () => {
  const half = { percent: 50, target: 1_000n };
  expect(vestedAmount(half, { earned: 101n, free: 101n, bond: 0n })).toBe(50n);
  expect(vestedAmount(half, { earned: 101n, free: 101n, bond: 980n })).toBe(20n);
  expect(vestedAmount(half, { earned: 101n, free: 101n, bond: 1_001n })).toBe(0n);
  expect(vestedAmount(half, { earned: 101n, free: 7n, bond: 0n })).toBe(7n); // the rest is spent already
  expect(vestedAmount({ ...half, percent: 0 }, { earned: 101n, free: 101n, bond: 0n })).toBe(0n);
});

it("is never more than is free, than its part of what was earned, or than is missing", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 17n });
  const percent = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(percent, amount, amount, amount, amount, (part, target, earned, free, bond) => {
      const vested = vestedAmount({ percent: part, target }, { earned, free, bond });
      expect(vested >= 0n && vested <= free && vested * 100n <= earned * BigInt(part)).toBe(true);
      expect(vested === 0n || bond + vested <= target).toBe(true);
    }),
  );
});
