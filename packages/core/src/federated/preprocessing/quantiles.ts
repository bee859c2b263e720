import type { GroupSum, Procedure } from "../procedure.js";
import { inRange } from "../training/range.js";
import { floatOfKey, orderedKeys } from "./ordered-floats.js";
import { checkTerms, countsPart, type SumTerms, totalOf } from "./parts.js";

/** What quantiles are asked for, and how finely. */
export interface QuantileTerms extends SumTerms {
  /** Shares of the records with a value, each from 0 to 1, in any order. */
  readonly shares: readonly number[];
  /**
   * How many leading bits of a value's single-precision form are found, 9 to 32: 16 is within 1% of the value, 32 is
   * the value itself. Default 16.
   */
  readonly precisionBits?: number;
}

/** The quantiles of one column over the records of all participants. */
export interface Quantiles {
  /** Records with a value. */
  readonly count: number;
  /** One value per share, in their order; none where no record has a value. */
  readonly values: readonly number[];
  /** How many records lie at or below each value. */
  readonly ranks: readonly number[];
}

/** Bits found by one sum: 256 counts for every cell that is still to be divided. */
const bitsPerStep = 8;

/**
 * The quantiles of `columns` (NaN where unknown) over the records of all participants, by bisection of the ordered bits
 * of single-precision numbers: each sum counts records in the 256 parts of every cell in which a quantile lies, the
 * first over signs and powers of two. Quantile s is the upper end of the smallest cell at or below which at least s of
 * the records with a value lie: with `precisionBits` 32 the inverse of the empirical distribution (Hyndman and Fan
 * 1996, definition 1). Without noise counts are exact, so the result is that of the pooled records. Four sums at most,
 * two by default. What it tells: counts of records in cells, down to those of the result's precision. What it releases:
 * one record is one count of each column in each sum, so sums have an L1 sensitivity of the number of columns, and its
 * root in L2. Throws a RangeError for terms outside their ranges.
 */
export function* findQuantiles(columns: readonly Float64Array[], terms: QuantileTerms): Procedure<Quantiles[]> {
  const { shares, precisionBits = 16 } = terms;
  checkTerms(terms, columns[0]?.length ?? 0);
  checkShares(shares, precisionBits);
  if (columns.length === 0) return [];
  const searches = columns.map((values) => new Search(orderedKeys(values.filter((value) => !Number.isNaN(value)))));
  for (let found = 0; found < precisionBits; found += bitsPerStep) {
    const bits = Math.min(bitsPerStep, precisionBits - found);
    const parts = searches.map((search, at) => countsPart(`column ${at}`, search.counts(found, bits), terms));
    const sums: readonly GroupSum[] = yield { name: `quantiles, bits ${found} to ${found + bits}`, parts };
    for (const [at, search] of searches.entries()) search.narrow(totalOf(sums, at), bits, shares);
  }
  return searches.map((search) => search.result(precisionBits));
}

/** Where the quantiles of one column lie, as far as is known. */
class Search {
  /** Keys of this participant's values. */
  private readonly keys: Uint32Array;
  /** The cells to be divided, by their leading bits, in order; the whole line at first. */
  private cells: number[] = [0];
  /** Per cell, how many records lie below it. */
  private below = new Map<number, number>([[0, 0]]);
  /** Per share, the leading bits of its cell and how many records lie in or below it. */
  private places: { readonly cell: number; readonly rank: number }[] = [];
  private count = 0;

  constructor(keys: Uint32Array) {
    this.keys = keys;
  }

  /** This participant's records in each of the 2^`bits` parts of each cell, whose leading bits are `found` many. */
  counts(found: number, bits: number): Float64Array {
    const counts = new Float64Array(this.cells.length << bits);
    const slots = new Map(this.cells.map((cell, slot) => [cell, slot]));
    const mask = (1 << bits) - 1;
    for (const key of this.keys) {
      const slot = slots.get(found === 0 ? 0 : key >>> (32 - found));
      if (slot === undefined) continue;
      const at = (slot << bits) + ((key >>> (32 - found - bits)) & mask);
      counts[at] = counts[at]! + 1;
    }
    return counts;
  }

  /** Takes from the `counts` of all participants in which part of its cell the quantile of each share lies. */
  narrow(counts: Float64Array, bits: number, shares: readonly number[]): void {
    if (this.places.length === 0) {
      this.count = counts.reduce((sum, each) => sum + each, 0);
      this.places = shares.map(() => ({ cell: 0, rank: this.count }));
    }
    if (this.count <= 0) return;
    const slots = new Map(this.cells.map((cell, slot) => [cell, slot]));
    const below = new Map<number, number>();
    this.places = this.places.map(({ cell }, at) => {
      const wanted = Math.max(1, Math.ceil(shares[at]! * this.count - rankSlack));
      const start = (slots.get(cell) ?? 0) << bits;
      const [part, before] = partHolding(
        counts.subarray(start, start + (1 << bits)),
        wanted,
        this.below.get(cell) ?? 0,
      );
      const next = cell * 2 ** bits + part;
      below.set(next, before);
      return { cell: next, rank: before + counts[start + part]! };
    });
    this.below = below;
    this.cells = [...below.keys()].toSorted((one, other) => one - other);
  }

  result(precisionBits: number): Quantiles {
    const places = this.count > 0 ? this.places : [];
    const width = 2 ** (32 - precisionBits);
    return {
      count: Math.max(0, this.count),
      values: places.map(({ cell }) => floatOfKey((cell + 1) * width - 1)),
      ranks: places.map(({ rank }) => rank),
    };
  }
}

/** A share such as 0.07 times a count is a hair above the whole number it stands for. */
const rankSlack = 1e-9;

/** The part in which rank `wanted` lies, and how many records lie below that part. */
function partHolding(counts: Float64Array, wanted: number, below: number): [part: number, before: number] {
  let [before, last] = [below, 0];
  for (const [part, count] of counts.entries()) {
    if (before + count >= wanted) return [part, before];
    before += count;
    last = part;
  }
  return [last, before - counts[last]!];
}

function checkShares(shares: readonly number[], precisionBits: number): void {
  for (const share of shares) inRange("share of the records", share, { atLeast: 0, atMost: 1 });
  inRange("precisionBits", precisionBits, { atLeast: 9, atMost: 32, whole: true });
}
