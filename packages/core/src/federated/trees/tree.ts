import type { BinnedTable } from "../preprocessing/bins.js";

/** A place in a tree: the nodes of one tree, in the order in which they were made, the root first. */
export type TreeNode = Leaf | Branch;

/** What a record that arrives here adds to the log-odds. */
export interface Leaf {
  readonly value: number;
}

/** Where records part by one column. */
export interface Branch {
  readonly column: number;
  /** Bins whose records go left, ascending; the others, and bins that nobody had, go right. */
  readonly leftBins: readonly number[];
  /** Index of the node on each side. */
  readonly left: number;
  readonly right: number;
}

/**
 * Boosted trees for a yes-or-no label: plain values, fit for JSON or CBOR. They read records as bins (see `binned`).
 */
export interface TreeModel {
  /** Log-odds before any tree. */
  readonly base: number;
  readonly trees: readonly (readonly TreeNode[])[];
}

/**
 * The log-odds of a positive label for each record of `table`, divided into the bins the model was grown on. Throws a
 * RangeError where a tree names a column or node that is not there.
 */
export function predictTrees(model: TreeModel, table: BinnedTable): Float64Array {
  const scores = new Float64Array(table.rows).fill(model.base);
  for (const tree of model.trees) addTree(scores, tree, table);
  return scores;
}

/** Adds to `scores` what one tree says of each record. */
export function addTree(scores: Float64Array, tree: readonly TreeNode[], table: BinnedTable): void {
  const { column, next, goesLeft, value } = flattened(tree, table.widths);
  const { cells, widths } = table;
  for (let row = 0; row < table.rows; row++) {
    const start = row * widths.length;
    let node = 0;
    while (column[node]! >= 0) {
      const side = goesLeft[node * 256 + cells[start + column[node]!]!]!;
      node = next[2 * node + side]!;
    }
    scores[row] = scores[row]! + value[node]!;
  }
}

/** A tree as arrays: a leaf's column is -1. */
function flattened(tree: readonly TreeNode[], widths: readonly number[]) {
  const column = new Int32Array(tree.length).fill(-1);
  const next = new Int32Array(2 * tree.length);
  const goesLeft = new Uint8Array(256 * tree.length);
  const value = new Float64Array(tree.length);
  for (const [index, node] of tree.entries()) {
    if ("value" in node) {
      value[index] = node.value;
      continue;
    }
    checkBranch(node, index, tree.length, widths);
    column[index] = node.column;
    next.set([node.right, node.left], 2 * index);
    for (const bin of node.leftBins) goesLeft[256 * index + bin] = 1;
  }
  return { column, next, goesLeft, value };
}

/** Children come after their parent, so that a tree that was read from elsewhere cannot lead in a circle. */
function checkBranch(
  { column, leftBins, left, right }: Branch,
  index: number,
  nodes: number,
  widths: readonly number[],
): void {
  const width = widths[column] ?? 0;
  const leadsOn = [left, right].every((node) => Number.isInteger(node) && node > index && node < nodes);
  if (leadsOn && leftBins.every((bin) => Number.isInteger(bin) && bin >= 0 && bin < width)) return;
  throw new RangeError(
    `node ${index} of a tree leads by bins ${leftBins.join(", ")} of column ${column} to nodes ${left} and ${right}`,
  );
}
