import type { RewardParameters } from "./parameters.js";

/**
 * What a pool may have issued by the age of `ageMs`, in nAIS: half of all in the first halving time, evenly, half of the rest in the next. It never
 * exceeds the whole emission.
 */
export function issuableBy(
  ageMs: number,
  { emission, halvingMs }: Pick<RewardParameters, "emission" | "halvingMs">,
): bigint {
  if (ageMs <= 0) return 0n;
  const halvings = BigInt(Math.floor(ageMs / halvingMs));
  const before = emission - (emission >> halvings);
  const now = emission >> (halvings + 1n);
  return before + (now * BigInt(Math.floor(ageMs % halvingMs))) / BigInt(halvingMs);
}

/**
 * What an epoch may issue, in nAIS: what falls due in it. What earlier epochs did not need is not carried over; it is never issued.
 * @param genesis when the pool's first epoch began, in ms since 1970
 */
export function epochBudget(epoch: Epoch, genesis: number, parameters: RewardParameters): bigint {
  return issuableBy(epoch.end - genesis, parameters) - issuableBy(epoch.start - genesis, parameters);
}

/** A span of time that is paid for at once. */
export interface Epoch {
  /** How many epochs have begun since 1970, this one not counted. */
  readonly number: number;
  /** ms since 1970; the end is the next one's start. */
  readonly start: number;
  readonly end: number;
}

/** The epoch in which `now` lies, in ms since 1970. */
export function epochAt(now: number, parameters: Pick<RewardParameters, "epochMs">): Epoch {
  return epochOf(Math.floor(now / parameters.epochMs), parameters);
}

/** The epoch with this number. */
export function epochOf(number: number, { epochMs }: Pick<RewardParameters, "epochMs">): Epoch {
  return { number, start: number * epochMs, end: (number + 1) * epochMs };
}
