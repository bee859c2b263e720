import * as ort from "onnxruntime-web/wasm";
import { describe, expect, it } from "vitest";
import { binned, type ColumnBins } from "../../../src/federated/preprocessing/bins.js";
import { initialModel, type Model, type NetworkShape } from "../../../src/federated/training/network.js";
import { logitsOf } from "../../../src/federated/training/predict.js";
import { networkToOnnx } from "../../../src/federated/formats/onnx/network.js";
import { predictTrees, type TreeModel, type TreeNode } from "../../../src/federated/trees/tree.js";
import { publicCategories } from "../../../src/federated/preprocessing/categories.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { treeInputs, treesToOnnx } from "../../../src/federated/formats/onnx/trees.js";
import { type Cell, tableOf } from "../../../src/federated/preprocessing/table.js";

ort.env.wasm.numThreads = 1; // more would be workers, which a test run need not start
ort.env.logLevel = "error";

/** What an ONNX model says of a matrix of `columns` columns: its outputs by name. */
async function runOnnx(model: Uint8Array, input: string, values: Float32Array, columns: number) {
  const session = await ort.InferenceSession.create(model);
  const outputs = await session.run({ [input]: new ort.Tensor("float32", values, [values.length / columns, columns]) });
  await session.release();
  return { logit: floats(outputs["logit"]), probability: floats(outputs["probability"]) };
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (tensor?.type !== "float32" || tensor.dims[1] !== 1) throw new TypeError("expected a column of floats");
  return tensor.data as Float32Array;
}

/** A model of this shape with no parameter 0. */
function modelOf(shape: NetworkShape, random: () => number): Model {
  const { parameters } = initialModel(shape, random);
  return { shape, parameters: parameters.map((value) => value + (random() - 0.5)) };
}

describe("a network as ONNX", () => {
  it.each<[string, NetworkShape]>([
    ["a logistic regression", { widths: [24, 1], activation: "relu" }],
    ["one column", { widths: [1, 1], activation: "tanh" }],
    ["a network of ReLU", { widths: [24, 64, 32, 1], activation: "relu" }],
    ["a network of tanh", { widths: [7, 5, 1], activation: "tanh" }],
    ["ten widths", { widths: [3, 4, 5, 6, 7, 6, 5, 4, 3, 1], activation: "relu" }],
  ])("says of random rows what we say: %s", async (_, shape) => {
    const random = seededUniform(7);
    const model = modelOf(shape, random);
    const columns = shape.widths[0] ?? 0;
    const values = Float32Array.from({ length: 500 * columns }, () => 4 * random() - 2);
    const { logit, probability } = await runOnnx(networkToOnnx(model), "features", values, columns);
    const own = logitsOf(model, values);
    expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(0.01); // the rows tell something
    for (const [row, value] of own.entries()) {
      expect(Math.abs((logit[row] ?? Number.NaN) - value)).toBeLessThan(1e-5);
      expect(Math.abs((probability[row] ?? Number.NaN) - 1 / (1 + Math.exp(-value)))).toBeLessThan(1e-5);
    }
  });

  it.each([
    ["a parameter too few", new Float32Array(3)],
    ["a parameter too many", new Float32Array(5)],
    ["NaN", Float32Array.of(1, 2, 3, Number.NaN)],
  ])("is refused with %s", (_, parameters) => {
    const shape = { widths: [3, 1], activation: "relu" } as const;
    expect(() => networkToOnnx({ shape, parameters })).toThrow(RangeError);
  });
});

const purposes = ["car", "house", "study", "trade", "radio"];
const columns: readonly ColumnBins[] = [
  { name: "amount", kind: "edges", edges: [-3, 0.1, 2.5, 1_000_000].map(Math.fround) },
  { name: "purpose", kind: "categories", list: publicCategories(purposes, new Uint8Array(16)) },
  { name: "months", kind: "edges", edges: [12] },
];
const widths = [6, 7, 3];

/** Records that lie in every bin of every column, at every edge, and unknown. */
function tableOfAll() {
  const amounts = [null, -1e9, -3, -2.999, 0, 0.1, Math.fround(0.1), 0.2, 2.5, 3, 1e6, 1e30];
  const names = [null, ...purposes, "something else"];
  const rows: Cell[][] = amounts.flatMap((amount) =>
    names.flatMap((purpose) => [null, 11, 12, 13].map((months) => [amount, purpose, months])),
  );
  const kinds = [
    { name: "amount", kind: "money" },
    { name: "purpose", kind: "category" },
    { name: "months", kind: "number" },
  ] as const;
  return tableOf(kinds, rows);
}

/** A tree of random splits, `depth` deep. */
function randomTree(depth: number, random: () => number): TreeNode[] {
  const branches = 2 ** depth - 1;
  return Array.from({ length: 2 * branches + 1 }, (_, index): TreeNode => {
    if (index >= branches) return { value: random() - 0.5 };
    const column = Math.floor(random() * columns.length);
    return { column, leftBins: randomBins(column, random), left: 2 * index + 1, right: 2 * index + 2 };
  });
}

function randomBins(column: number, random: () => number): number[] {
  const bins = Array.from({ length: widths[column] ?? 0 }, (_, bin) => bin);
  if (columns[column]?.kind === "categories") return bins.filter(() => random() < 0.5);
  const first = random() < 0.5 ? 0 : 1;
  return bins.slice(first, 1 + Math.floor(random() * bins.length));
}

/** The largest difference between what ONNX and we say of any record, as log-odds or probability. */
async function difference(model: TreeModel): Promise<number> {
  const table = tableOfAll();
  const { logit, probability } = await runOnnx(
    treesToOnnx(model, columns),
    "columns",
    treeInputs(table, columns),
    columns.length,
  );
  const own = predictTrees(model, binned(table, columns));
  const differences = [...own].flatMap((value, row) => [
    Math.abs((logit[row] ?? Number.NaN) - value),
    Math.abs((probability[row] ?? Number.NaN) - 1 / (1 + Math.exp(-value))),
  ]);
  return Math.max(...differences);
}

const split = (column: number, leftBins: readonly number[]): TreeModel => ({
  base: -0.25,
  trees: [[{ column, leftBins, left: 1, right: 2 }, { value: 1 }, { value: -1 }]],
});

describe("boosted trees as ONNX", () => {
  it("have inputs that tell all bins apart", () => {
    const { cells, widths: found } = binned(tableOfAll(), columns);
    expect(found).toEqual(widths);
    const seen = widths.map((_, column) => new Set(cells.filter((__, at) => at % columns.length === column)).size);
    expect(seen).toEqual(widths);
  });

  it.each([
    ["numbers up to an edge", 0, [1, 2]],
    ["numbers up to an edge and unknown ones", 0, [0, 1, 2, 3]],
    ["all known numbers", 0, [1, 2, 3, 4, 5]],
    ["unknown numbers alone", 2, [0]],
    ["no number", 0, []],
    ["one category", 1, [3]],
    ["some categories, others and unknown", 1, [0, 2, 4, 6]],
    ["no category", 1, []],
  ] as const)("part records as ours do: %s on the left", async (_, column, leftBins) => {
    expect(await difference(split(column, leftBins))).toBeLessThan(1e-5);
  });

  it("say of every kind of record what ours say, for random trees", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededUniform(seed);
      const trees = Array.from({ length: 12 }, () => randomTree(5, random));
      expect(await difference({ base: random() - 0.5, trees }), `seed ${seed}`).toBeLessThan(1e-5);
    }
  });

  it("may be leaves, or none", async () => {
    expect(await difference({ base: 0.75, trees: [[{ value: 0.5 }], [{ value: -0.125 }]] })).toBeLessThan(1e-5);
    expect(await difference({ base: 0.75, trees: [] })).toBeLessThan(1e-5);
  });

  it("may be more nodes than a call may have arguments", () => {
    const model = { base: 0, trees: Array.from({ length: 130_000 }, () => [{ value: 1 }]) };
    expect(treesToOnnx(model, columns).length).toBeGreaterThan(130_000 * 4);
  });

  it.each<[string, TreeModel]>([
    ["a column that is not there", split(3, [1])],
    ["bins that no threshold parts", split(0, [1, 3])],
    ["a bin that is not there", split(2, [1, 2, 3])],
    ["a category's bin that is not there", split(1, [7])],
    ["a leaf that is not finite", { base: 0, trees: [[{ value: Number.NaN }]] }],
    ["a base that is not finite", { base: Infinity, trees: [] }],
    ["a circle", { base: 0, trees: [[{ column: 0, leftBins: [1], left: 0, right: 1 }, { value: 1 }]] }],
    ["a way out", { base: 0, trees: [[{ column: 0, leftBins: [1], left: 1, right: 2 }, { value: 1 }]] }],
    ["no node", { base: 0, trees: [[]] }],
  ])("are refused with %s", (_, model) => {
    expect(() => treesToOnnx(model, columns)).toThrow(RangeError);
  });
});
