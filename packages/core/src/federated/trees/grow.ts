import type { BinnedTable } from "../preprocessing/bins.js";
import { logarithm } from "../preprocessing/logarithm.js";
import { amountsPart, countsPart, totalOf } from "../preprocessing/parts.js";
import type { GroupSum, Procedure } from "../procedure.js";
import { addHistogram, derive, type Derivatives, type Layout, layoutOf } from "./histogram.js";
import { bestSplit, leafValue, type Split, type Weight, weightOf } from "./split.js";
import { type FullTreeTerms, fullTreeTerms, type TreeTerms } from "./terms.js";
import { addTree, type Branch, type Leaf, type TreeModel, type TreeNode } from "./tree.js";

/** A leaf that may still be divided. */
interface Open {
  /** Its index in the tree. */
  readonly node: number;
  /** This participant's records in it. */
  readonly rows: Uint32Array;
  /** The histogram of all participants' records in it. */
  readonly sums: Float64Array;
}

/** A node that has just been divided. */
interface Divided {
  readonly parent: Open;
  readonly split: Split;
  readonly left: Uint32Array;
  readonly right: Uint32Array;
}

type GrowingNode = { -readonly [Key in keyof Branch]: Branch[Key] } | Leaf;

/**
 * Grows boosted trees on all participants' records: XGBoost's second-order boosting (Chen and Guestrin, KDD 2016) level
 * by level, each level one sum of gradient histograms of all its nodes. Of two siblings only the lighter is summed; the
 * other is what its parent leaves. Level by level takes `depth` sums a tree, leaf by leaf would take one a leaf. From
 * the same bins it grows the same trees as on the pooled records, up to the rounding of the sums. What it releases: one
 * record is one count in the first sum; in each of the others it is in one bin of each column that the tree looks at,
 * by at most 1 in first and 1/4 in second derivatives. `labels` are 0 or 1, one per record of `table`. Throws a
 * RangeError for terms outside their ranges and for other labels.
 */
export function* growTrees(table: BinnedTable, labels: Uint8Array, terms: TreeTerms): Procedure<TreeModel> {
  const full = fullTreeTerms(terms, table.rows);
  checkLabels(labels, table.rows);
  if (table.widths.length === 0) throw new RangeError("trees need a column at least: the table has none");
  const base = yield* baseOf(labels, full);
  const scores = new Float64Array(table.rows).fill(base);
  const derivatives: Derivatives = { first: new Float64Array(table.rows), second: new Float64Array(table.rows) };
  const trees: (readonly TreeNode[])[] = [];
  for (let tree = 0; tree < full.trees; tree++) {
    derive(derivatives, labels, scores);
    const layout = layoutOf(table, columnsOf(tree, table.widths.length, full));
    trees.push(yield* growTree(table, derivatives, layout, full, `tree ${tree + 1}`));
    addTree(scores, trees.at(-1)!, table);
  }
  return { base, trees };
}

/**
 * Log-odds of all records' labels, as if half a positive and half a negative one were added: finite also where one kind
 * is missing.
 */
function* baseOf(labels: Uint8Array, terms: FullTreeTerms): Procedure<number> {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const counts = Float64Array.of(positives, labels.length - positives);
  const sums = yield { name: "labels", parts: [countsPart("positives and negatives", counts, terms)] };
  const [yes, no] = totalOf(sums, 0);
  return logarithm((Math.max(0, yes!) + 0.5) / (Math.max(0, no!) + 0.5));
}

function* growTree(
  table: BinnedTable,
  derivatives: Derivatives,
  layout: Layout,
  terms: FullTreeTerms,
  name: string,
): Procedure<readonly TreeNode[]> {
  const summed = (rows: readonly Uint32Array[], level: number) =>
    sumHistograms(rows, table, derivatives, layout, terms, `${name}, level ${level}`);
  const root = Uint32Array.from({ length: table.rows }, (_, row) => row);
  let open: Open[] = [{ node: 0, rows: root, sums: (yield* summed([root], 1))[0]! }];
  const leafOf = (weight: Weight): Leaf => ({ value: terms.learningRate * leafValue(weight, terms.l2) });
  const nodes: GrowingNode[] = [leafOf(weightOf(open[0]!.sums, layout))];
  for (let level = 1; open.length > 0; level++) {
    const divided = open.flatMap((parent) => divide(parent, table, layout, terms));
    for (const { parent, split } of divided) {
      nodes[parent.node] = {
        column: split.column,
        leftBins: split.leftBins,
        left: nodes.length,
        right: nodes.length + 1,
      };
      nodes.push(leafOf(split.left), leafOf(split.right));
    }
    if (level === terms.depth || divided.length === 0) break;
    const lighter = yield* summed(
      divided.map((each) => (leftIsLighter(each) ? each.left : each.right)),
      level + 1,
    );
    open = divided.flatMap((each, at) => children(each, lighter[at]!, nodes[each.parent.node] as Branch));
  }
  return nodes;
}

/** The histograms of all participants' records for each of some nodes. */
function* sumHistograms(
  rows: readonly Uint32Array[],
  table: BinnedTable,
  derivatives: Derivatives,
  layout: Layout,
  terms: FullTreeTerms,
  name: string,
): Procedure<Float64Array[]> {
  const size = 2 * layout.pairs;
  const own = new Float64Array(size * rows.length);
  for (const [at, each] of rows.entries()) {
    addHistogram(own.subarray(at * size, (at + 1) * size), each, derivatives, table, layout);
  }
  const sums: readonly GroupSum[] = yield { name, parts: [amountsPart("gradients", own, 1, terms)] };
  const total = totalOf(sums, 0);
  return rows.map((_, at) => total.subarray(at * size, (at + 1) * size));
}

function divide(parent: Open, table: BinnedTable, layout: Layout, terms: FullTreeTerms): Divided[] {
  const split = bestSplit(parent.sums, layout, table.widths, table.unordered, terms);
  if (split === undefined) return [];
  return [{ parent, split, ...partition(parent.rows, split, table) }];
}

/** A loop over buffers: `filter` with a closure took more time than the histograms did. */
function partition(rows: Uint32Array, { column, leftBins }: Split, { cells, widths }: BinnedTable) {
  const goesLeft = new Uint8Array(256);
  for (const bin of leftBins) goesLeft[bin] = 1;
  const [left, right] = [new Uint32Array(rows.length), new Uint32Array(rows.length)];
  let [lefts, rights] = [0, 0];
  for (const row of rows) {
    if (goesLeft[cells[row * widths.length + column]!] === 1) left[lefts++] = row;
    else right[rights++] = row;
  }
  return { left: left.subarray(0, lefts), right: right.subarray(0, rights) };
}

/** By the sums of all, so that all participants add the same sibling. */
function leftIsLighter({ split }: Divided): boolean {
  return split.left.second <= split.right.second;
}

function children(divided: Divided, lighter: Float64Array, branch: Branch): Open[] {
  const heavier = divided.parent.sums.slice();
  for (let at = 0; at < heavier.length; at++) heavier[at]! -= lighter[at]!;
  const isLeftLighter = leftIsLighter(divided);
  return [
    { node: branch.left, rows: divided.left, sums: isLeftLighter ? lighter : heavier },
    { node: branch.right, rows: divided.right, sums: isLeftLighter ? heavier : lighter },
  ];
}

/** The columns that a tree looks at: drawn by the seed, the same at every participant. */
function columnsOf(tree: number, columns: number, { columnShare, seed }: FullTreeTerms): number[] {
  const wanted = Math.max(1, Math.round(columnShare * columns));
  const keyed = Array.from({ length: columns }, (_, column) => ({
    column,
    key: mixed(mixed(mixed(seed) ^ tree) ^ column),
  }));
  keyed.sort((one, other) => one.key - other.key || one.column - other.column);
  return keyed
    .slice(0, wanted)
    .map(({ column }) => column)
    .toSorted((one, other) => one - other);
}

/** A whole number of 32 bits that looks like chance (the finaliser of MurmurHash3, Appleby 2011). */
function mixed(value: number): number {
  let bits = Math.imul((value + 0x9e3779b9) ^ ((value + 0x9e3779b9) >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function checkLabels(labels: Uint8Array, rows: number): void {
  if (labels.length !== rows) throw new RangeError(`${labels.length} labels for ${rows} records`);
  const wrong = labels.findIndex((label) => label > 1);
  if (wrong >= 0) throw new RangeError(`label ${wrong} is ${labels[wrong]}: give 0 or 1`);
}
