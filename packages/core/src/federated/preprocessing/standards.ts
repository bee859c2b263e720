import type { Procedure } from "../procedure.js";
import { amountsPart, checkTerms, countsPart, type SumTerms, totalOf } from "./parts.js";

/** A column's values, NaN where unknown, and the bounds to which they are cut. */
export interface BoundedColumn {
  readonly values: Float64Array;
  readonly low: number;
  /** At least `low`. */
  readonly high: number;
}

/** Mean and standard deviation of a column over the records of all participants. */
export interface Standard {
  /** Records with a value. */
  readonly count: number;
  /** Records without. */
  readonly unknown: number;
  /** The middle of the bounds where there is no value. */
  readonly mean: number;
  /** Population standard deviation; 0 where all values are equal. */
  readonly deviation: number;
}

/**
 * Means and standard deviations of `columns`, cut to their bounds, by two sums: means first, then squares of the
 * distance to them, so that a small spread beside a large mean is not lost. Bounds are public or found first (see
 * `findQuantiles`); the quantum follows from them. What it releases: one record is one count and at most 1 in the sum
 * of each column (as a share of the way between the bounds), then at most 1 in its squares. Throws a RangeError for
 * terms outside their ranges and bounds that are not finite or in the wrong order.
 */
export function* findStandards(columns: readonly BoundedColumn[], terms: SumTerms): Procedure<Standard[]> {
  checkTerms(terms, columns[0]?.values.length ?? 0);
  for (const { low, high } of columns) {
    if (!(Number.isFinite(high - low) && high >= low))
      throw new RangeError(`bounds ${low} to ${high}: give finite ones, low first`);
  }
  if (columns.length === 0) return [];
  const cut = columns.map(unitValues);
  const counted = cut.flatMap(({ length }, at) => [length, columns[at]!.values.length - length]);
  const counts = countsPart("records with and without a value", Float64Array.from(counted), terms);
  const sums = amountsPart(
    "sums",
    Float64Array.from(cut, (units) => sumOf(units, (unit) => unit)),
    1,
    terms,
  );
  const first = yield { name: "means", parts: [counts, sums] };
  const [records, sum] = [totalOf(first, 0), totalOf(first, 1)];
  const count = columns.map((_, at) => records[2 * at]!);
  const means = columns.map((_, at) => (count[at]! > 0 ? clamped(sum[at]! / count[at]!, 0, 1) : 0.5));
  const squares = Float64Array.from(cut, (units, at) => sumOf(units, (unit) => (unit - means[at]!) ** 2));
  const second = yield { name: "standard deviations", parts: [amountsPart("squares", squares, 1, terms)] };
  const square = totalOf(second, 0);
  return columns.map(({ low, high }, at) => ({
    count: count[at]!,
    unknown: records[2 * at + 1]!,
    mean: low + (high - low) * means[at]!,
    deviation: count[at]! > 0 ? (high - low) * Math.sqrt(Math.max(0, square[at]! / count[at]!)) : 0,
  }));
}

/** Known values as shares of the way from `low` to `high`. */
function unitValues({ values, low, high }: BoundedColumn): Float64Array {
  const width = high - low;
  return values
    .filter((value) => !Number.isNaN(value))
    .map((value) => (width > 0 ? clamped((value - low) / width, 0, 1) : 0));
}

function sumOf(values: Float64Array, of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
