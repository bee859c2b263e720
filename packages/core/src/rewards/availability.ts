import type { RewardParameters } from "./parameters.js";

/** What one agent was good for in an epoch. */
export interface Availability {
  /** µSCU-seconds that it was connected with a proven speed, at a price that counts. */
  readonly available: number;
  /** Tasks that it was offered, and of these how many it did not take: declined, or left without an answer. */
  readonly offered: number;
  readonly missed: number;
}

/** So many misses are forgiven in an epoch, however few tasks were offered: a lost connection is no refusal to work. */
const forgivenMisses = 1;

/** Prices in nAIS per SCU-second, whole numbers. */
export interface FloorBesideReference {
  readonly floorPrice: number;
  readonly referencePrice: number;
}

/**
 * What of `units` counts at a floor price, rounded down: all of them up to the reference price, above it evenly less, and none at `mostPricePercent` of it. With a
 * step in place of the slope, whoever stood right before it was paid in full and asked last: the dearest offer that counts was the best way to be idle.
 * @param units µSCU-seconds, a whole number below 2^53
 */
export function countingAtPrice(
  units: number,
  { floorPrice, referencePrice }: FloorBesideReference,
  { mostPricePercent }: Pick<RewardParameters, "mostPricePercent">,
): number {
  if (floorPrice <= referencePrice) return units;
  const reference = BigInt(referencePrice);
  const [full, none] = [reference * 100n, reference * BigInt(mostPricePercent)];
  const below = none - BigInt(floorPrice) * 100n;
  return below <= 0n ? 0 : Number((BigInt(units) * below) / (none - full));
}

/**
 * How long an agent does not count after a miss, in ms. An idle RTX 4090 is offered something each minute in a pool that is asked for two thirds of what it could do,
 * each ten minutes in one that is asked for a fifth: whoever refuses it all hardly ever counts.
 */
const pauseMs = 900_000;

/**
 * For how long an agent does not count after its newest miss, in ms, when it has `missed` so many in the epoch. A miss costs its time whatever was taken beside it:
 * by its part of all offers alone, 100,000 tiny tasks of one's own made up for refusing everybody else's.
 */
export function pauseAfterMiss(missed: number): number {
  return missed <= forgivenMisses ? 0 : pauseMs;
}

/** µSCU-seconds that count: none of an agent that took too little of what it was offered. */
export function countingAvailability(
  { available, offered, missed }: Availability,
  { leastTakenPercent }: Pick<RewardParameters, "leastTakenPercent">,
): number {
  const isWilling = missed <= forgivenMisses || (offered - missed) * 100 >= offered * leastTakenPercent;
  return isWilling ? available : 0;
}

/** What an epoch's rewards are shared from, and among how much. */
export interface RewardShares {
  /** nAIS that the epoch may issue. */
  readonly budget: bigint;
  /** µSCU-seconds of all that were connected with a proven speed, whether they count or not: the sum of what counts at least. */
  readonly connected: bigint;
}

/**
 * What a pool pays for so many counting µSCU-seconds, in nAIS each, rounded down: as much as a unit-month is worth at most, or its part of the
 * budget where that is less. So the sum never exceeds the budget. What those would have had who do not count is never issued: nobody earns more
 * because others were priced out or made to miss offers.
 */
export function availabilityRewards(
  counting: readonly number[],
  { budget, connected }: RewardShares,
  { mostPerUnitMonth, monthHours }: Pick<RewardParameters, "mostPerUnitMonth" | "monthHours">,
): bigint[] {
  const unitMonth = BigInt(monthHours) * 3_600n * 1_000_000n;
  const isCovered = connected * mostPerUnitMonth <= budget * unitMonth;
  const [amount, of] = isCovered ? [mostPerUnitMonth, unitMonth] : [budget, connected];
  return counting.map((one) => (BigInt(one) * amount) / of);
}

/** A lease's price and how much was done at it. */
export interface PaidWork {
  /** nAIS per SCU-second. */
  readonly price: number;
  /** µSCU-seconds. */
  readonly work: number;
}

/**
 * The next epoch's reference price, at most a step from this one's. It rises to the price that half of this epoch's *work* did not exceed where that is
 * higher, falls to the price that half of the *money* was not paid above where that is lower, and stays in between. So whoever would wash it either way has
 * to pay fees on as much money as all others pay together: with work alone as the measure, own work at one nAIS moved it down for nothing.
 */
export function nextReferencePrice(
  reference: number,
  paid: readonly PaidWork[],
  { priceStepPercent }: Pick<RewardParameters, "priceStepPercent">,
): number {
  const step = Math.max(1, Math.floor((reference * priceStepPercent) / 100));
  const sorted = paid.toSorted((one, other) => one.price - other.price);
  const lowest = middlePrice(sorted, ({ work }) => BigInt(work)) ?? reference;
  const highest = middlePrice(sorted, ({ price, work }) => BigInt(price) * BigInt(work)) ?? reference;
  const aim = Math.max(lowest, Math.min(highest, reference));
  return Math.max(1, Math.min(reference + step, Math.max(reference - step, aim)));
}

/** The price that half of the weight did not exceed, of what is sorted by price; undefined where nothing has any weight. */
function middlePrice(sorted: readonly PaidWork[], weightOf: (paid: PaidWork) => bigint): number | undefined {
  const all = sorted.reduce((sum, paid) => sum + weightOf(paid), 0n);
  let below = 0n;
  return all === 0n ? undefined : sorted.find((paid) => (below += weightOf(paid)) * 2n >= all)?.price;
}
