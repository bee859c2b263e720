import { issueLimits } from "../ledger/accounts.js";
import { nanoAisPerAis } from "../units/money.js";

/**
 * Everything that decides what a pool pays beside the price of work (DESIGN section 8). A pool has one set for ever: whoever recomputes an epoch recomputes it
 * with these. Work itself is paid by its price (`core/market/charge.ts`), complex work by its surcharge (`core/market/complex.ts`).
 */
export interface RewardParameters {
  /** nAIS that are ever issued for availability. */
  readonly emission: bigint;
  /** After so long, in ms, half as much is issued in the same time. */
  readonly halvingMs: number;
  /** The most that one SCU is paid for being available for a month, in nAIS. */
  readonly mostPerUnitMonth: bigint;
  /** A month, in hours: a twelfth of 365 days. */
  readonly monthHours: number;
  /** How long an epoch takes, in ms; epochs begin at whole multiples of it since 1970. */
  readonly epochMs: number;
  /** An offer counts fully up to the reference price, above it evenly less, and not at all from so many percent of it on. */
  readonly mostPricePercent: number;
  /** The reference price moves by at most so many percent from one epoch to the next. */
  readonly priceStepPercent: number;
  /** An agent that takes fewer than so many percent of what it is offered was not available. */
  readonly leastTakenPercent: number;
}

const hourMs = 3_600_000;

/** The calibration that DESIGN section 8 gives: an RTX 4090 of about 10 SCU earns 50 to 80 AIS a month. */
export const rewardDefaults: RewardParameters = {
  emission: issueLimits.emission,
  halvingMs: 4 * 8_766 * hourMs,
  mostPerUnitMonth: (3n * nanoAisPerAis) / 2n,
  monthHours: 730,
  epochMs: 24 * hourMs,
  mostPricePercent: 125,
  priceStepPercent: 10,
  leastTakenPercent: 95,
};

/** What each may be, both ends included. An epoch of a week is the longest: what is available in it is counted in whole numbers below 2^53. */
export const rewardBounds = {
  emission: [0n, issueLimits.emission],
  halvingMs: [365 * 24 * hourMs, 100 * 8_766 * hourMs],
  mostPerUnitMonth: [0n, 1_000n * nanoAisPerAis],
  monthHours: [672, 744],
  epochMs: [1_000, 7 * 24 * hourMs],
  mostPricePercent: [100, 1_000],
  priceStepPercent: [1, 100],
  leastTakenPercent: [0, 100],
} as const satisfies {
  readonly [Name in keyof RewardParameters]: readonly [RewardParameters[Name], RewardParameters[Name]];
};

/** The first parameter that is out of bounds, or no whole number; undefined where all are as they may be. */
export function unfitParameter(parameters: RewardParameters): keyof RewardParameters | undefined {
  const names = Object.keys(rewardBounds) as (keyof RewardParameters)[];
  return names.find((name) => {
    const [[least, most], value] = [rewardBounds[name], parameters[name]];
    return typeof value !== typeof least || value < least || value > most || !isWhole(value);
  });
}

const isWhole = (value: bigint | number): boolean => typeof value === "bigint" || Number.isSafeInteger(value);
