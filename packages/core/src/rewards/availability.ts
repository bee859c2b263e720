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

/** Whether an agent with this floor price, in nAIS per SCU-second, is available at all. */
export function isPricedToWork(
  floorPrice: number,
  referencePrice: number,
  { mostPricePercent }: Pick<RewardParameters, "mostPricePercent">,
): boolean {
  return floorPrice * 100 <= referencePrice * mostPricePercent;
}

/** µSCU-seconds that count: none of an agent that took too little of what it was offered. */
export function countingAvailability(
  { available, offered, missed }: Availability,
  { leastTakenPercent }: Pick<RewardParameters, "leastTakenPercent">,
): number {
  const isWilling = missed <= forgivenMisses || (offered - missed) * 100 >= offered * leastTakenPercent;
  return isWilling ? available : 0;
}

/**
 * What a pool pays for so many available µSCU-seconds, in nAIS each, rounded down: as much as a unit-month is worth at most, or its part of the
 * budget where that is less. So the sum never exceeds the budget.
 */
export function availabilityRewards(
  counting: readonly number[],
  budget: bigint,
  { mostPerUnitMonth, monthHours }: Pick<RewardParameters, "mostPerUnitMonth" | "monthHours">,
): bigint[] {
  const unitMonth = BigInt(monthHours) * 3_600n * 1_000_000n;
  const all = counting.reduce((sum, one) => sum + BigInt(one), 0n);
  const isCovered = all * mostPerUnitMonth <= budget * unitMonth;
  const [amount, of] = isCovered ? [mostPerUnitMonth, unitMonth] : [budget, all];
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
 * The next epoch's reference price: the price that half of this one's work did not exceed, but never further from this one's than a step. Whoever would wash it
 * upwards has to pay fees on half of all work, for days.
 */
export function nextReferencePrice(
  reference: number,
  paid: readonly PaidWork[],
  { priceStepPercent }: Pick<RewardParameters, "priceStepPercent">,
): number {
  const step = Math.max(1, Math.floor((reference * priceStepPercent) / 100));
  const median = medianByWork(paid) ?? reference;
  return Math.max(1, Math.min(reference + step, Math.max(reference - step, median)));
}

function medianByWork(paid: readonly PaidWork[]): number | undefined {
  const sorted = paid.toSorted((one, other) => one.price - other.price);
  const all = sorted.reduce((sum, { work }) => sum + work, 0);
  let below = 0;
  return sorted.find(({ work }) => (below += work) * 2 >= all && all > 0)?.price;
}
