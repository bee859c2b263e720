import { describe, expect, it } from "vitest";
import { treeInputs, treesToOnnx } from "../../../src/federated/formats/onnx/trees.js";
import { binned, type ColumnBins } from "../../../src/federated/preprocessing/bins.js";
import { publicCategories } from "../../../src/federated/preprocessing/categories.js";
import { type Cell, tableOf } from "../../../src/federated/preprocessing/table.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { predictTrees, type TreeModel, type TreeNode } from "../../../src/federated/trees/tree.js";
import { runOnnx } from "./onnx-session.js";

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
