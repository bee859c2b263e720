import { describe, expect, it } from "vitest";
import type { BinnedTable } from "../../../src/federated/preprocessing/bins.js";
import { predictTrees, type TreeNode } from "../../../src/federated/trees/tree.js";

const branch = (leftBins: number[]): TreeNode => ({ column: 0, leftBins, left: 1, right: 2 });

describe("reading trees", () => {
  const table: BinnedTable = { rows: 1, widths: [3], unordered: [false], cells: Uint8Array.of(1) };
  const leaves: TreeNode[] = [{ value: 1 }, { value: 2 }];

  it("adds the leaves that a record arrives at, from the base on; a bin that no branch names goes right", () => {
    const trees = [[branch([1]), ...leaves], [branch([0, 2]), ...leaves], [{ value: 10 }]];
    const records: BinnedTable = { ...table, rows: 3, cells: Uint8Array.of(0, 1, 2) };
    expect([...predictTrees({ base: 0.5, trees }, records)]).toEqual([13.5, 13.5, 13.5]);
    expect([...predictTrees({ base: 0.5, trees: trees.slice(0, 1) }, records)]).toEqual([2.5, 1.5, 2.5]);
  });

  it.each([
    ["a column that is not there", { column: 1, leftBins: [1], left: 1, right: 2 }],
    ["a circle", { column: 0, leftBins: [1], left: 0, right: 2 }],
    ["a node that is not there", { column: 0, leftBins: [1], left: 1, right: 3 }],
    ["a bin that is not there", { column: 0, leftBins: [3], left: 1, right: 2 }],
    ["no number", { column: Number.NaN, leftBins: [1], left: 1, right: 2 }],
  ])("refuses %s", (_, node) => {
    expect(() => predictTrees({ base: 0, trees: [[node, ...leaves]] }, table)).toThrow("node 0 of a tree leads by");
  });
});
