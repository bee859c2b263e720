import { describe, expect, it } from "vitest";
import {
  encode,
  type FeatureTerms,
  fitFeatures,
  publicFeatures,
} from "../../../src/federated/preprocessing/features.js";
import { type Cell, type Column, rowsOf, type Table, tableOf } from "../../../src/federated/preprocessing/table.js";
import { plainSum, runTogether } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const terms: FeatureTerms = {
  mostParticipants: 10,
  mostRows: 1000,
  precisionBits: 32,
  cutShare: 0,
  leastParticipants: 1,
  leastRecords: 0,
  salt: new Uint8Array(16).fill(5),
};

function together(tables: readonly Table[], changed: Partial<FeatureTerms> = {}) {
  const results = runTogether(
    tables.map((table) => fitFeatures(table, { ...terms, ...changed })),
    roundedSum(seededUniform(1), terms.mostParticipants),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return known(results[0]);
}

const tableOfOne = (kind: Column["kind"], cells: readonly Cell[]) =>
  tableOf(
    [{ name: "it", kind }],
    cells.map((cell) => [cell]),
  );
const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 2));

describe("features", () => {
  it("standardise a number by the records of all participants", () => {
    const map = together([tableOfOne("number", [2, 4]), tableOfOne("number", [4, 10, 15]), tableOfOne("number", [])]);
    expect(map.width).toBe(1);
    expect([...encode(map, tableOfOne("number", [7, 2, 15]))]).toEqual(close(0, -1.038, 1.661));
  });

  it("look at money by its logarithm, with its sign, so that a hundred is as far from ten as ten from one", () => {
    const map = together([tableOfOne("money", [-999, 0, 9, 99, 999])]);
    const [minus, zero, ten, hundred, thousand] = encode(map, tableOfOne("money", [-999, 0, 9, 99, 999]));
    expect(known(hundred) - known(ten)).toBeCloseTo(known(ten) - known(zero), 5);
    expect(known(zero) - known(minus)).toBeCloseTo(known(thousand) - known(zero), 5);
  });

  it("cut what is beyond the outer quantiles, so that one absurd value has no weight of its own", () => {
    const values = Array.from({ length: 100 }, (_, at) => at + 1);
    const map = together([tableOfOne("number", [...values.slice(0, 99), 1e9])], { cutShare: 0.01 });
    const encoded = encode(map, tableOfOne("number", [1e9, 99, -1e9, 1]));
    expect(encoded[0]).toBe(encoded[1]);
    expect(encoded[2]).toBe(encoded[3]);
    expect(encoded[0]).toBeLessThan(2);
  });

  it("divide a number into pieces, each of which fills from 0 to 1 as the value passes through it", () => {
    const map = together([tableOfOne("number", [0, 1, 2, 3, 10])], { pieces: 2 });
    expect(map.width).toBe(3);
    const encoded = encode(map, tableOfOne("number", [0, 1, 2, 6, 10, 99]));
    expect([0, 1, 2, 3, 4, 5].map((row) => [...encoded.subarray(3 * row + 1, 3 * row + 3)])).toEqual([
      [0, 0],
      [0.5, 0],
      [1, 0],
      [1, 0.5],
      [1, 1],
      [1, 1],
    ]);
  });

  it("have one feature for unknown numbers where there were any, at whichever participant", () => {
    const map = together([tableOfOne("number", [1, 2]), tableOfOne("number", [null, 3])]);
    expect(map.width).toBe(2);
    expect([...encode(map, tableOfOne("number", [null, 2]))]).toEqual(close(0, 1, 0, 0));
    const without = together([tableOfOne("number", [1, 2])]);
    expect([...encode(without, tableOfOne("number", [null]))]).toEqual([0]);
  });

  it("have one for each listed category, one for others and one for unknown ones", () => {
    const map = together([tableOfOne("category", ["car", "house", null]), tableOfOne("category", ["car"])]);
    expect(map.width).toBe(4);
    const encoded = encode(map, tableOfOne("category", ["car", "house", "castle", null]));
    const rows = [0, 1, 2, 3].map((row) => [...encoded.subarray(4 * row, 4 * row + 4)].join(""));
    expect(rows.slice(0, 2).toSorted()).toEqual(["0100", "1000"]);
    expect(rows.slice(2)).toEqual(["0010", "0001"]);
  });

  it("are 0 for a constant column, and for one in which nobody has a value", () => {
    expect([...encode(together([tableOfOne("number", [7, 7])]), tableOfOne("number", [7, 9]))]).toEqual([0, 0]);
    const unknown = together([tableOfOne("money", [null, null])], { pieces: 4 });
    expect([...encode(unknown, tableOfOne("money", [null, 5]))]).toEqual([0, 1, 0, 0]);
  });

  it("are nearly the same for participants as for one with all records", () => {
    const random = seededUniform(8);
    const columns: Column[] = [
      { name: "age", kind: "number" },
      { name: "amount", kind: "money" },
      { name: "purpose", kind: "category" },
    ];
    const cells = Array.from({ length: 300 }, (): Cell[] => [
      random() < 0.05 ? null : 18 + Math.floor(60 * random()),
      Math.floor(Math.exp(10 * random())),
      `purpose ${Math.floor(5 * random())}`,
    ]);
    const pooled = tableOf(columns, cells);
    const places = Array.from({ length: 300 }, (_, at) => at);
    const parts = [places.slice(0, 100), places.slice(100, 160), places.slice(160)].map((part) => rowsOf(pooled, part));
    const changed = { pieces: 4, cutShare: 0.01, precisionBits: 16 };
    const [apart, central] = [encode(together(parts, changed), pooled), encode(together([pooled], changed), pooled)];
    expect(apart).toHaveLength(central.length);
    expect(Math.max(...apart.map((value, at) => Math.abs(value - known(central[at]))))).toBeLessThan(1e-3);
  });

  it("ask for no sum that nothing is in, where all columns are of one kind", () => {
    const sizes: number[] = [];
    for (const table of [tableOfOne("number", [1, 2]), tableOfOne("category", ["car"]), tableOf([], [[]])]) {
      runTogether([fitFeatures(table, terms)], (steps) => {
        sizes.push(...steps.map(({ parts }) => parts.length));
        return plainSum(steps);
      });
    }
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    // Of numbers two sums for quantiles and two for standards, of categories two.
    expect(sizes).toHaveLength(4 + 2 + 2);
  });

  it("can be made of public knowledge alone", () => {
    const map = publicFeatures(
      [
        { name: "age", kind: "number", low: 20, high: 80 },
        { name: "purpose", kind: "category", names: ["car", "house"] },
      ],
      3,
      terms.salt,
    );
    const table = tableOf(
      [
        { name: "age", kind: "number" },
        { name: "purpose", kind: "category" },
      ],
      [
        [50, "car"],
        [null, "castle"],
      ],
    );
    const encoded = encode(map, table);
    expect(map.width).toBe(1 + 3 + 1 + 4);
    expect([...encoded.subarray(0, 5)]).toEqual([0, 1, 0.5, 0, 0]);
    expect([...encoded.subarray(9)]).toEqual([0, 0, 0, 0, 1, 0, 0, 1, 0]);
    expect(() => publicFeatures([{ name: "age", kind: "number", low: 2, high: 2 }], 3, terms.salt)).toThrow(
      'column "age" is said to be from 2 to 2',
    );
  });

  it.each([
    [{ pieces: 0 }, "pieces must be"],
    [{ pieces: 65 }, "pieces must be"],
    [{ cutShare: 0.3 }, "cutShare must be"],
    [{ cutShare: Number.NaN }, "cutShare must be"],
  ])("refuse %o", (wrong, message) => {
    expect(() => together([tableOfOne("number", [1])], wrong)).toThrow(message);
  });
});
