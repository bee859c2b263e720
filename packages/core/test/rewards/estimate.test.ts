import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultPrices } from "../../src/market/charge.js";
import { estimateMonth, type Lent } from "../../src/rewards/estimate.js";
import { rewardDefaults } from "../../src/rewards/parameters.js";
import { nanoAisPerAis } from "../../src/units/money.js";

const rtx4090: Lent = {
  speed: 10_200_000,
  sharePercent: 100,
  timePart: 1,
  price: defaultPrices.floor,
  watts: 450,
};
const aisOf = (lent: Lent, utilisation: number): number => {
  const { availability, work } = estimateMonth(lent, utilisation, rewardDefaults);
  return Number(availability + work) / Number(nanoAisPerAis);
};

describe("a month's estimate", () => {
  it("is DESIGN's: an RTX 4090 earns 51 AIS at 48% and 81 at 88%", () => {
    expect(aisOf(rtx4090, 0.48)).toBeCloseTo(1.5 * 10.2 + 0.01 * 10.2 * 730 * 0.48, 1);
    expect(aisOf(rtx4090, 0.88)).toBeCloseTo(1.5 * 10.2 + 0.01 * 10.2 * 730 * 0.88, 1);
  });

  it("is in proportion to the share and to the time that is lent, electricity too", () => {
    const whole = estimateMonth(rtx4090, 0.6, rewardDefaults);
    const part = estimateMonth({ ...rtx4090, sharePercent: 50, timePart: 0.25 }, 0.6, rewardDefaults);
    expect(part.availability).toBe(whole.availability / 8n);
    expect(Number(part.work)).toBeCloseTo(Number(whole.work) / 8, -1);
    expect(part.kWh).toBeCloseTo((450 * 730 * 0.6) / 1_000 / 8, 9);
  });

  it("has no electricity where nobody says what the device draws", () => {
    expect(estimateMonth({ ...rtx4090, watts: undefined }, 0.6, rewardDefaults).kWh).toBeUndefined();
  });

  it("never pays more for availability than a unit-month is worth, and never less for more utilisation", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500_000_000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (speed, sharePercent, timePart, utilisation) => {
          const lent = { ...rtx4090, speed, sharePercent, timePart };
          const { availability, work } = estimateMonth(lent, utilisation, rewardDefaults);
          const units = Math.max(1, Math.floor((speed * sharePercent) / 100));
          expect(availability <= (BigInt(units) * rewardDefaults.mostPerUnitMonth) / 1_000_000n).toBe(true);
          expect(work <= estimateMonth(lent, 1, rewardDefaults).work).toBe(true);
        },
      ),
    );
  });
});
