import type { Procedure } from "../procedure.js";
import { inRange } from "../training/range.js";
import { categoryPlaces, type CategoryList, type CategoryTerms, findCategories } from "./categories.js";
import { findQuantiles, type QuantileTerms } from "./quantiles.js";
import { categoriesIn, type Column, isNumeric, numbersIn, type Table } from "./table.js";

/** How columns are divided into bins. */
export interface BinTerms extends CategoryTerms, Omit<QuantileTerms, "shares"> {
  /** Bins per numeric column, 2 to 254, of about equally many records; fewer where values repeat. Default 64. */
  readonly mostBins?: number;
}

/**
 * How one column is divided. Bin 0 holds unknown values. Of a numeric column bin 1 holds values up to `edges[0]`, bin b
 * those above `edges[b - 2]` up to `edges[b - 1]`, the last those above all; of a category column each listed category
 * has a bin and the last holds the others.
 */
export type ColumnBins =
  | { readonly name: string; readonly kind: "edges"; readonly edges: readonly number[] }
  | { readonly name: string; readonly kind: "categories"; readonly list: CategoryList };

/** Records as bins, and how many bins each column has. */
export interface BinnedTable {
  readonly rows: number;
  /** Bins per column, the one of unknown values included: at most 256. */
  readonly widths: readonly number[];
  /** Whether the bins of a column have no order. */
  readonly unordered: readonly boolean[];
  /** The bin of each record in each column, record by record. */
  readonly cells: Uint8Array;
}

/** A bin is a byte; one is for unknown values and one for other categories. */
const mostListed = 254;

/**
 * Divides the columns of `table` by the quantiles and categories of all participants' records: the same bins as of the
 * pooled records. Four sums. Throws a RangeError for terms outside their ranges.
 */
export function* fitBins(table: Table, terms: BinTerms): Procedure<ColumnBins[]> {
  const { mostBins = 64 } = terms;
  inRange("mostBins", mostBins, { atLeast: 2, atMost: mostListed, whole: true });
  const numeric = table.columns.filter(isNumeric);
  const named = table.columns.filter((column) => !isNumeric(column));
  const shares = Array.from({ length: mostBins - 1 }, (_, at) => (at + 1) / mostBins);
  const quantiles = yield* findQuantiles(
    numeric.map(({ name }) => numbersIn(table, name)),
    { ...terms, shares },
  );
  const lists = yield* findCategories(
    named.map(({ name }) => categoriesIn(table, name)),
    terms,
  );
  return table.columns.map((column: Column): ColumnBins => {
    const { name } = column;
    if (!isNumeric(column)) return { name, kind: "categories", list: mostFrequent(lists[named.indexOf(column)]!) };
    const { values, ranks, count } = quantiles[numeric.indexOf(column)]!;
    // An edge with no record above it divides nothing.
    const edges = values.filter((value, at) => ranks[at]! < count && value !== values[at - 1]);
    return { name, kind: "edges", edges };
  });
}

/** The bins of `table`'s records. Throws a RangeError where it lacks a column of `columns`. */
export function binned(table: Table, columns: readonly ColumnBins[]): BinnedTable {
  const cells = new Uint8Array(table.rows * columns.length);
  for (const [at, column] of columns.entries()) {
    const binOf = column.kind === "edges" ? numberBins(table, column.name, column.edges) : categoryBins(table, column);
    for (let row = 0; row < table.rows; row++) cells[row * columns.length + at] = binOf(row);
  }
  return {
    rows: table.rows,
    widths: columns.map((column) => 2 + (column.kind === "edges" ? column.edges : column.list.buckets).length),
    unordered: columns.map(({ kind }) => kind === "categories"),
    cells,
  };
}

function numberBins(table: Table, name: string, edges: readonly number[]): (row: number) => number {
  const values = numbersIn(table, name);
  return (row) => {
    const value = values[row]!;
    // Edges are single-precision: a value is looked at in the same precision.
    return Number.isNaN(value) ? 0 : 1 + countBelow(edges, Math.fround(value));
  };
}

function categoryBins(table: Table, { name, list }: ColumnBins & { kind: "categories" }): (row: number) => number {
  const names = categoriesIn(table, name);
  const placeOf = categoryPlaces(list);
  return (row) => {
    const category = names[row] ?? null;
    return category === null ? 0 : 1 + placeOf(category);
  };
}

/** How many of the ascending `edges` are below `value`. */
function countBelow(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A bin is one byte: of more categories than it can tell apart the most frequent are kept. */
function mostFrequent(list: CategoryList): CategoryList {
  const ranked = list.buckets.map((bucket, at) => ({ bucket, count: list.counts[at]! }));
  if (ranked.length <= mostListed) return list;
  ranked.sort((one, other) => other.count - one.count || one.bucket - other.bucket);
  const kept = ranked.slice(0, mostListed).toSorted((one, other) => one.bucket - other.bucket);
  const [others, unknown] = list.counts.slice(list.buckets.length);
  const dropped = ranked.slice(mostListed).reduce((sum, { count }) => sum + count, 0);
  return {
    ...list,
    buckets: kept.map(({ bucket }) => bucket),
    counts: [...kept.map(({ count }) => count), (others ?? 0) + dropped, unknown ?? 0],
  };
}
