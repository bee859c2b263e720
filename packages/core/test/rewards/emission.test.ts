import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochAt, epochBudget, epochOf, issuableBy } from "../../src/rewards/emission.js";
import { rewardDefaults } from "../../src/rewards/parameters.js";
import { nanoAisPerAis } from "../../src/units/money.js";

const { halvingMs, epochMs, emission } = rewardDefaults;
const anyAge = fc.integer({ min: 0, max: 60 * halvingMs });

describe("what a pool may issue", () => {
  it("is half of 20 million AIS in four years, and half of the rest in the next four", () => {
    expect(issuableBy(0, rewardDefaults)).toBe(0n);
    expect(issuableBy(halvingMs / 4, rewardDefaults)).toBe(2_500_000n * nanoAisPerAis);
    expect(issuableBy(halvingMs, rewardDefaults)).toBe(10_000_000n * nanoAisPerAis);
    expect(issuableBy(1.5 * halvingMs, rewardDefaults)).toBe(12_500_000n * nanoAisPerAis);
    expect(issuableBy(3 * halvingMs, rewardDefaults)).toBe(17_500_000n * nanoAisPerAis);
  });

  it("never falls with time, and never exceeds the whole", () => {
    fc.assert(
      fc.property(anyAge, anyAge, (age, more) => {
        const [before, after] = [issuableBy(age, rewardDefaults), issuableBy(age + more, rewardDefaults)];
        expect(before <= after && after <= emission).toBe(true);
      }),
    );
  });

  it("is the sum of what its epochs may, wherever these begin", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(epochMs),
        (first, count, early) => {
          const genesis = epochOf(first, rewardDefaults).start - early;
          const epochs = Array.from({ length: count }, (_, at) => epochOf(first + at, rewardDefaults));
          const budgets = epochs.map((epoch) => epochBudget(epoch, genesis, rewardDefaults));
          const end = epochs.at(-1)?.end ?? 0;
          expect(budgets.reduce((sum, one) => sum + one, 0n)).toBe(
            issuableBy(end - genesis, rewardDefaults) - issuableBy(early, rewardDefaults),
          );
        },
      ),
    );
  });

  it("is nothing before the pool began", () => {
    const epoch = epochOf(20_000, rewardDefaults);
    expect(epochBudget(epoch, epoch.end + 1, rewardDefaults)).toBe(0n);
  });
});

it("each moment is in one epoch, which begins where the last one ended", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
      const epoch = epochAt(now, rewardDefaults);
      expect(epoch.start <= now && now < epoch.end).toBe(true);
      expect(epochOf(epoch.number + 1, rewardDefaults).start).toBe(epoch.end);
    }),
  );
});
