import type { GroupSum, Part } from "../procedure.js";

/** What bounds the sums of a run: public, and the same for all its participants. */
export interface SumTerms {
  /** The most participants that are in one sum, 1 to 1,000,000. */
  readonly participantsMax: number;
  /** The most records of one participant, from 1; `participantsMax * (rowsMax + 1)` stays below 2^31. */
  readonly rowsMax: number;
}

/** Masked sums are taken modulo 2^32 and read as signed. */
const sumMax = 2 ** 31;

/** Throws a RangeError where counts under `terms` could overflow a sum, or where a participant has more records than they allow. */
export function checkTerms({ participantsMax, rowsMax }: SumTerms, rows: number): void {
  if (!Number.isInteger(participantsMax) || participantsMax < 1 || participantsMax > 1_000_000) {
    throw new RangeError(`participantsMax is ${participantsMax}: give a whole number from 1 to 1,000,000`);
  }
  if (!Number.isInteger(rowsMax) || rowsMax < 1 || participantsMax * (rowsMax + 1) >= sumMax) {
    const most = Math.ceil(sumMax / participantsMax) - 2;
    throw new RangeError(`rowsMax is ${rowsMax}: with ${participantsMax} participants give 1 to ${most}`);
  }
  if (rows > rowsMax) throw new RangeError(`${rows} records are more than the run's rowsMax of ${rowsMax}`);
}

/** Counts of records: whole numbers, which a sum keeps exactly. */
export function countsPart(name: string, values: Float64Array, { rowsMax }: SumTerms): Part {
  return { name, values, quantum: 1, limit: rowsMax };
}

/** Sums over records of what is at most `bound` in magnitude for each: in the finest quantum, a power of two, that cannot overflow. */
export function amountsPart(name: string, values: Float64Array, bound: number, terms: SumTerms): Part {
  const limit = bound * terms.rowsMax;
  return { name, values, quantum: quantumFor(limit, terms.participantsMax), limit };
}

/** The sum of part `index` over all groups. */
export function totalOf(groups: readonly GroupSum[], index: number): Float64Array {
  const [first, ...rest] = groups.map(({ parts }) => parts[index]);
  if (first === undefined) throw new RangeError(`no part ${index} in a sum of ${groups.length} groups`);
  const total = Float64Array.from(first);
  for (const part of rest) for (let at = 0; at < total.length; at++) total[at] = total[at]! + (part?.[at] ?? 0);
  return total;
}

function quantumFor(limit: number, participantsMax: number): number {
  const smallest = limit / (Math.floor((sumMax - 1) / participantsMax) - 1);
  return 2 ** Math.ceil(Math.log2(smallest));
}
