import type { BinnedTable } from "../preprocessing/bins.js";

/** First and second derivative of each record's loss by its score: of the binary cross-entropy. */
export interface Derivatives {
  readonly first: Float64Array;
  /** Within 0 to 1/4. */
  readonly second: Float64Array;
}

/** Where each column of a histogram starts, in pairs of sums. */
export interface Layout {
  readonly columns: readonly number[];
  readonly starts: readonly number[];
  /** Pairs in total. */
  readonly pairs: number;
}

/** The layout of a histogram over `columns` of `table`. */
export function layoutOf(table: BinnedTable, columns: readonly number[]): Layout {
  const starts: number[] = [];
  let pairs = 0;
  for (const column of columns) {
    starts.push(pairs);
    pairs += table.widths[column]!;
  }
  return { columns, starts, pairs };
}

/** Fills `derivatives` for `labels` (0 or 1) and log-odds `scores`. */
export function derive({ first, second }: Derivatives, labels: Uint8Array, scores: Float64Array): void {
  for (let row = 0; row < labels.length; row++) {
    const probability = 1 / (1 + Math.exp(-scores[row]!));
    first[row] = probability - labels[row]!;
    second[row] = probability * (1 - probability);
  }
}

/** Adds the derivatives of `rows` to `sums`: per column and bin, first then second derivatives. */
export function addHistogram(
  sums: Float64Array,
  rows: Uint32Array,
  { first, second }: Derivatives,
  { cells, widths }: BinnedTable,
  { columns, starts }: Layout,
): void {
  const count = columns.length;
  const column = Uint32Array.from(columns);
  const start = Uint32Array.from(starts);
  for (const row of rows) {
    const from = row * widths.length;
    const gradient = first[row]!;
    const curvature = second[row]!;
    for (let at = 0; at < count; at++) {
      const place = 2 * (start[at]! + cells[from + column[at]!]!);
      sums[place] = sums[place]! + gradient;
      sums[place + 1] = sums[place + 1]! + curvature;
    }
  }
}
