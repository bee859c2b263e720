import { inRange } from "./training/range.js";

/** A value's range in quanta at most: finer says nothing more of a Float32, whose fraction has 24 bits. */
const finestUnits = 2 ** 22;

/** What sums may fill of the integers that travel, +-2^31: half, so that the other half is left for noise. */
const filled = 2 ** 30;

/**
 * The finest quantum for values of magnitude `limit` at most, that `participants` of them add without overflow: participants * (limit / quantum + 1) <= 2^30, and a limit of 2^22
 * quanta at most. Up to 255 participants have that; a thousand have 2^20.
 *
 * @param limit > 0 @param participants 1 to 1,048,576, the most that may be in one sum
 * @param mostUnits quanta in `limit` at most, where coarser ones will do
 */
export function quantumFor(limit: number, participants: number, mostUnits = finestUnits): number {
  inRange("limit", limit, { atLeast: Number.MIN_VALUE, atMost: Number.MAX_VALUE });
  inRange("participants", participants, { atLeast: 1, atMost: 2 ** 20, whole: true });
  return limit / Math.min(mostUnits, finestUnits, Math.floor(filled / participants) - 1);
}
