import { binned, type ColumnBins } from "../../preprocessing/bins.js";
import { numbersIn, type Table } from "../../preprocessing/table.js";
import type { Branch, TreeModel, TreeNode } from "../../trees/tree.js";
import { writeOnnx } from "./graph.js";

/** Where one node of a tree leads, as ai.onnx.ml's tree ensembles say it. */
interface EnsembleNode {
  readonly mode: "BRANCH_LEQ" | "BRANCH_EQ" | "LEAF";
  readonly column: number;
  readonly threshold: number;
  readonly whereTrue: number;
  readonly whereFalse: number;
  /** Whether NaN goes where true leads. */
  readonly unknownIsTrue: boolean;
  /** Of a leaf: what is added. */
  readonly value: number;
}

/**
 * Boosted trees as an ONNX model (TreeEnsembleRegressor of ai.onnx.ml). Input: `columns`, a matrix of one record a row as `treeInputs` makes it: a
 * number as it is and NaN where it is unknown, a category by its bin. Outputs, of one column each: `logit`, as `predictTrees` says it but in single
 * precision, and `probability` of label 1.
 * @param columns the bins that the trees were grown on
 * @param metadata free text by key; none by default. The columns' names are added as `columns`, in JSON
 * @throws {RangeError} where a tree names a column, bin or node that is not there, or a number is not finite
 */
export function treesToOnnx(
  model: TreeModel,
  columns: readonly ColumnBins[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const trees = model.trees.map((tree) => ensembleNodes(tree, columns));
  if (!Number.isFinite(model.base)) throw new RangeError(`the base of the trees is ${model.base}`);
  const ensemble = {
    op: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: ["columns"],
    outputs: ["logit"],
    attributes: { n_targets: { int: 1 }, base_values: { floats: [model.base] }, ...nodeAttributes(trees) },
  } as const;
  const names = columns.map(({ name, kind }) => ({ name, kind: kind === "edges" ? "number" : "category" }));
  return writeOnnx(
    {
      name: "trees",
      nodes: [ensemble, { op: "Sigmoid", inputs: ["logit"], outputs: ["probability"] }],
      constants: [],
      inputs: { columns: columns.length },
      outputs: { logit: 1, probability: 1 },
    },
    new Map([...metadata, ["columns", JSON.stringify(names)]]),
  );
}

/** The input of {@link treesToOnnx} for each record of `table`, record by record. Throws a RangeError where the table lacks a column. */
export function treeInputs(table: Table, columns: readonly ColumnBins[]): Float32Array {
  const { cells } = binned(table, columns);
  const inputs = Float32Array.from(cells);
  for (const [at, { name, kind }] of columns.entries()) {
    if (kind !== "edges") continue;
    const values = numbersIn(table, name);
    for (let row = 0; row < table.rows; row++) inputs[row * columns.length + at] = values[row] ?? Number.NaN;
  }
  return inputs;
}

/** A node of ours becomes one node, or, where categories are chosen, one for each. Those after the first are appended to the tree. */
function ensembleNodes(tree: readonly TreeNode[], columns: readonly ColumnBins[]): EnsembleNode[] {
  if (tree.length === 0) throw new RangeError("a tree has no node");
  const appended: EnsembleNode[] = [];
  const nodes = tree.map((node, index) => {
    if ("value" in node) return leaf(node.value);
    const bins = columns[node.column];
    if (!bins || !isBelow(node.left, index, tree) || !isBelow(node.right, index, tree)) {
      const { column, left, right } = node;
      throw new RangeError(`node ${index} of a tree leads to column ${column} and nodes ${left} and ${right}`);
    }
    if (bins.kind === "edges") return thresholdNode(node, bins.edges);
    const [first, ...rest] = categoryNodes(node, bins.list.buckets.length + 2, tree.length + appended.length);
    appended.push(...rest);
    return first;
  });
  return [...nodes, ...appended];
}

/** Children come after their parent, so that no tree leads in a circle. */
function isBelow(child: number, parent: number, tree: readonly TreeNode[]): boolean {
  return Number.isInteger(child) && child > parent && child < tree.length;
}

function leaf(value: number): EnsembleNode {
  if (!Number.isFinite(value)) throw new RangeError(`the value of a leaf is ${value}`);
  return { mode: "LEAF", column: 0, threshold: 0, whereTrue: 0, whereFalse: 0, unknownIsTrue: false, value };
}

/** The bins on the left are the first ones of those with numbers, all, or none; unknown values (bin 0) go left where bin 0 is among them. */
function thresholdNode({ column, leftBins, left, right }: Branch, edges: readonly number[]): EnsembleNode {
  const known = leftBins.filter((bin) => bin > 0);
  if (known.some((bin, at) => bin !== at + 1) || known.length > edges.length + 1) {
    throw new RangeError(`a tree divides column ${column} into [${leftBins.join(", ")}], which no threshold does`);
  }
  // Bin b ends at edges[b - 1], the last one nowhere.
  const threshold = known.length === 0 ? -Infinity : (edges[known.length - 1] ?? Infinity);
  const unknownIsTrue = leftBins.includes(0);
  return { mode: "BRANCH_LEQ", column, threshold, whereTrue: left, whereFalse: right, unknownIsTrue, value: 0 };
}

/**
 * A chain that asks for one bin after the other, each leading to the same node where it is the one, as converters of other tree libraries do it too.
 * @param width bins of the column
 * @param next index of the second node of the chain
 */
function categoryNodes(branch: Branch, width: number, next: number): [EnsembleNode, ...EnsembleNode[]] {
  const { column, leftBins, left, right } = branch;
  if (!leftBins.every((bin) => Number.isInteger(bin) && bin >= 0 && bin < width)) {
    throw new RangeError(`a tree divides the ${width} bins of column ${column} into [${leftBins.join(", ")}]`);
  }
  const chain = leftBins.map((bin, at): EnsembleNode => {
    const whereFalse = at === leftBins.length - 1 ? right : next + at;
    return { mode: "BRANCH_EQ", column, threshold: bin, whereTrue: left, whereFalse, unknownIsTrue: false, value: 0 };
  });
  const [first, ...rest] = chain;
  // Without a bin on the left every record goes right: no bin is at most minus infinity.
  return first ? [first, ...rest] : [thresholdNode(branch, [])];
}

function nodeAttributes(trees: readonly (readonly EnsembleNode[])[]) {
  const nodes = trees.flatMap((tree, treeId) => tree.map((node, nodeId) => ({ ...node, treeId, nodeId })));
  const leaves = nodes.filter(({ mode }) => mode === "LEAF");
  return {
    nodes_treeids: { ints: nodes.map(({ treeId }) => treeId) },
    nodes_nodeids: { ints: nodes.map(({ nodeId }) => nodeId) },
    nodes_featureids: { ints: nodes.map(({ column }) => column) },
    nodes_modes: { strings: nodes.map(({ mode }) => mode) },
    nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
    nodes_truenodeids: { ints: nodes.map(({ whereTrue }) => whereTrue) },
    nodes_falsenodeids: { ints: nodes.map(({ whereFalse }) => whereFalse) },
    nodes_missing_value_tracks_true: { ints: nodes.map(({ unknownIsTrue }) => (unknownIsTrue ? 1 : 0)) },
    target_treeids: { ints: leaves.map(({ treeId }) => treeId) },
    target_nodeids: { ints: leaves.map(({ nodeId }) => nodeId) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map(({ value }) => value) },
  };
}
