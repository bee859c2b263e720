import type { Layout } from "./histogram.js";
import type { FullTreeTerms } from "./terms.js";

/** Sums of first and second derivatives over the records of a node. */
export interface Weight {
  readonly first: number;
  readonly second: number;
}

/** The best division of a node's records by one column. */
export interface Split {
  readonly column: number;
  readonly leftBins: readonly number[];
  readonly left: Weight;
  readonly right: Weight;
  readonly gain: number;
}

/**
 * The split with the largest gain (Chen and Guestrin 2016, equation 7) in a node's histogram, or undefined where none
 * gains more than `leastGain` with `leastChildWeight` on both sides. Numeric bins divide between two neighbours,
 * unknown values (bin 0) go to the side that gains more (their algorithm 3); categories are ordered by mean gradient
 * first, which is enough for a convex loss (Fisher 1958). Of equal gains the first column and place win.
 */
export function bestSplit(
  sums: Float64Array,
  layout: Layout,
  widths: readonly number[],
  unordered: readonly boolean[],
  terms: FullTreeTerms,
): Split | undefined {
  let best: Split | undefined;
  for (const [at, column] of layout.columns.entries()) {
    const start = 2 * layout.starts[at]!;
    const bins = sums.subarray(start, start + 2 * widths[column]!);
    const split = unordered[column]
      ? bestOfOrder(bins, byMeanGradient(bins, terms.categorySmoothing), terms)
      : bestNumeric(bins, terms);
    if (split !== undefined && split.gain > (best?.gain ?? terms.leastGain)) best = { column, ...split };
  }
  return best;
}

/** The value of a leaf (their equation 5), before shrinkage. */
export function leafValue({ first, second }: Weight, l2: number): number {
  return second + l2 > 0 ? -first / (second + l2) : 0;
}

/** The weight of all records in a histogram, by its first column. */
export function weightOf(sums: Float64Array, layout: Layout): Weight {
  let [first, second] = [0, 0];
  const end = layout.starts[1] ?? layout.pairs;
  for (let pair = 0; pair < end; pair++) {
    first += sums[2 * pair]!;
    second += sums[2 * pair + 1]!;
  }
  return { first, second };
}

type ColumnSplit = Omit<Split, "column">;

function bestNumeric(bins: Float64Array, terms: FullTreeTerms): ColumnSplit | undefined {
  const known = Array.from({ length: bins.length / 2 - 1 }, (_, at) => at + 1);
  const unknownRight = bestOfOrder(bins, [...known, 0], terms);
  // Without unknown values both orders say the same.
  if (bins[0] === 0 && bins[1] === 0) return unknownRight;
  const unknownLeft = bestOfOrder(bins, [0, ...known], terms);
  return (unknownLeft?.gain ?? 0) > (unknownRight?.gain ?? 0) ? unknownLeft : unknownRight;
}

/** The best place to cut `order` in two. */
function bestOfOrder(bins: Float64Array, order: readonly number[], terms: FullTreeTerms): ColumnSplit | undefined {
  const { l2, leastChildWeight } = terms;
  const all = order.reduce((sum, bin) => added(sum, bins, bin), { first: 0, second: 0 });
  const whole = score(all.first, all.second, l2);
  let [first, second, gain, cut] = [0, 0, 0, -1];
  let left: Weight = { first, second };
  for (let at = 0; at < order.length - 1; at++) {
    first += bins[2 * order[at]!]!;
    second += bins[2 * order[at]! + 1]!;
    const rest = all.second - second;
    // A side without curvature has no records, whatever the least weight is.
    if (second < leastChildWeight || rest < leastChildWeight || second <= 0 || rest <= 0) continue;
    const here = (score(first, second, l2) + score(all.first - first, rest, l2) - whole) / 2;
    if (here > gain) [gain, cut, left] = [here, at, { first, second }];
  }
  if (cut < 0) return undefined;
  const right = { first: all.first - left.first, second: all.second - left.second };
  return { leftBins: order.slice(0, cut + 1).toSorted((one, other) => one - other), left, right, gain };
}

function byMeanGradient(bins: Float64Array, smoothing: number): number[] {
  const mean = (bin: number) => bins[2 * bin]! / (Math.max(0, bins[2 * bin + 1]!) + smoothing + 1e-9);
  const order = Array.from({ length: bins.length / 2 }, (_, bin) => bin);
  return order.toSorted((one, other) => mean(one) - mean(other) || one - other);
}

function added({ first, second }: Weight, bins: Float64Array, bin: number): Weight {
  return { first: first + bins[2 * bin]!, second: second + bins[2 * bin + 1]! };
}

function score(first: number, second: number, l2: number): number {
  return (first * first) / (second + l2);
}
