import type { GroupSum, Part } from "../procedure.js";
import { quantumFor } from "../quantum.js";
import { inRange } from "../training/range.js";

/** What bounds the sums of a run: public, and the same for all its participants. */
export interface SumTerms {
  /** The most participants that one group's sum may have, whole, 1 to 1,048,576. */
  readonly mostParticipants: number;
  /** The most records of one participant, whole, from 1; `mostParticipants * (mostRows + 1)` is at most 2^30. */
  readonly mostRows: number;
  /**
   * Variance of the Skellam noise that each participant adds to each sum of preprocessing, in squares of what one
   * record may add to it, from 0. Default 0: sums are masked, but not noised. What a procedure releases to be charged
   * for is said at each.
   */
  readonly noiseVariance?: number;
}

/**
 * Counts are whole, so their quantum is 1; masked sums are taken modulo 2^32 and read as signed, and half is left for
 * noise.
 */
const mostCounted = 2 ** 30;

/** Noise of more than a thousand records in each participant's count leaves nothing of any count. */
const mostNoise = 1e6;

/**
 * @throws RangeError where counts under `terms` could overflow a sum, or where a participant has more records than they
 * allow
 */
export function checkTerms({ mostParticipants, mostRows, noiseVariance = 0 }: SumTerms, rows: number): void {
  inRange("mostParticipants", mostParticipants, { atLeast: 1, atMost: 2 ** 20, whole: true });
  const most = Math.floor(mostCounted / mostParticipants) - 1;
  inRange("mostRows", mostRows, { atLeast: 1, atMost: most, whole: true });
  inRange("noiseVariance", noiseVariance, { atLeast: 0, atMost: mostNoise });
  inRange("rows of this participant", rows, { atLeast: 0, atMost: mostRows });
}

/** Counts of records, or of participants where `limit` is 1: whole numbers, which a sum keeps exactly. */
export function countsPart(name: string, values: Float64Array, terms: SumTerms, limit = terms.mostRows): Part {
  return { name, values, quantum: 1, limit, ...noiseOf(terms, 1) };
}

/** Sums over records of what is at most `bound` in magnitude for each, in the finest quantum that cannot overflow. */
export function amountsPart(name: string, values: Float64Array, bound: number, terms: SumTerms): Part {
  const limit = bound * terms.mostRows;
  const quantum = quantumFor(limit, terms.mostParticipants);
  return { name, values, quantum, limit, ...noiseOf(terms, bound / quantum) };
}

/** @param units quanta in what one record may add */
function noiseOf({ noiseVariance = 0 }: SumTerms, units: number): Pick<Part, "noiseVariance"> {
  return noiseVariance > 0 ? { noiseVariance: noiseVariance * units ** 2 } : {};
}

/** The sum of part `index` over all groups. */
export function totalOf(groups: readonly GroupSum[], index: number): Float64Array {
  const [first, ...rest] = groups.map(({ parts }) => parts[index]);
  if (first === undefined) throw new RangeError(`no part ${index} in a sum of ${groups.length} groups`);
  const total = Float64Array.from(first);
  for (const part of rest) for (let at = 0; at < total.length; at++) total[at] = total[at]! + (part?.[at] ?? 0);
  return total;
}
