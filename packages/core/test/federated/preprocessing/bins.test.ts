import { describe, expect, it } from "vitest";
import { binned, type BinTerms, fitBins } from "../../../src/federated/preprocessing/bins.js";
import { type Cell, rowsOf, type Table, tableOf } from "../../../src/federated/preprocessing/table.js";
import { runTogether } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const terms: BinTerms = {
  mostParticipants: 10,
  mostRows: 1000,
  mostBins: 4,
  precisionBits: 32,
  leastParticipants: 2,
  leastRecords: 0,
  salt: new Uint8Array(16).fill(9),
};

function together(tables: readonly Table[], changed: Partial<BinTerms> = {}) {
  const results = runTogether(
    tables.map((table) => fitBins(table, { ...terms, ...changed })),
    roundedSum(seededUniform(1), terms.mostParticipants),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return known(results[0]);
}

const numberTable = (...values: (number | null)[]) =>
  tableOf(
    [{ name: "age", kind: "number" }],
    values.map((value) => [value]),
  );
const nameTable = (...names: (string | null)[]) =>
  tableOf(
    [{ name: "purpose", kind: "category" }],
    names.map((name) => [name]),
  );

describe("bins", () => {
  it("hold equally many records of all participants together, of a column without ties", () => {
    const parts = [numberTable(1, 2, 3, 4, 5), numberTable(6), numberTable(), numberTable(8, 7)];
    const columns = together(parts);
    expect(columns).toEqual([{ name: "age", kind: "edges", edges: [2, 4, 6] }]);
    const all = binned(numberTable(1, 2, 3, 4, 5, 6, 7, 8), columns);
    expect([...all.cells]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(all).toMatchObject({ rows: 8, widths: [5], unordered: [false] });
  });

  it("are the same for participants as for one with all records, in single precision too", () => {
    const random = seededUniform(2);
    const cells = Array.from({ length: 200 }, (): Cell[] => [
      random() < 0.1 ? null : random() * 1e-3,
      Math.round(4 * random()),
    ]);
    const pooled = tableOf(
      [
        { name: "rate", kind: "number" },
        { name: "count", kind: "money" },
      ],
      cells,
    );
    const places = Array.from({ length: 200 }, (_, at) => at);
    const parts = [places.slice(0, 20), places.slice(20, 150), places.slice(150)].map((part) => rowsOf(pooled, part));
    expect(together(parts, { precisionBits: 16 })).toEqual(together([pooled], { precisionBits: 16 }));
  });

  it("are fewer where values repeat, and no edge has nothing above it", () => {
    expect(together([numberTable(0, 0, 0, 0, 0, 0, 0, 9)])).toEqual([{ name: "age", kind: "edges", edges: [0] }]);
    expect(together([numberTable(3, 3, 3)])).toEqual([{ name: "age", kind: "edges", edges: [] }]);
  });

  it("have bin 0 for unknown values and the outer ones for values beyond all that were seen", () => {
    const columns = together([numberTable(1, 2, 3, 4)]);
    expect([...binned(numberTable(null, -1e30, 1e30), columns).cells]).toEqual([0, 1, 4]);
    expect(together([numberTable(null, null)])).toEqual([{ name: "age", kind: "edges", edges: [] }]);
  });

  it("look at a value in the precision of the edges", () => {
    // In single precision 0.7 is a little less than 0.7.
    const columns = together([numberTable(0.7, 0.9)], { mostBins: 2 });
    expect([...binned(numberTable(0.7, 0.9), columns).cells]).toEqual([1, 2]);
  });

  it("are one per listed category, one for all others, and bin 0 for unknown ones", () => {
    const columns = together([nameTable("car", "house"), nameTable("house", "car", "boat")]);
    const { cells, widths, unordered } = binned(nameTable("boat", "castle", null, "car", "house"), columns);
    expect([...cells].slice(0, 3)).toEqual([3, 3, 0]);
    expect([...cells].slice(3).toSorted((one, other) => one - other)).toEqual([1, 2]);
    expect([widths, unordered]).toEqual([[4], [true]]);
  });

  it("keep the most frequent where there are more categories than a byte can tell apart", () => {
    const names = Array.from({ length: 400 }, (_, at) => `purpose ${at}`);
    const often = names.slice(300);
    const columns = together([nameTable(...names, ...often), nameTable(...names)]);
    const { cells, widths } = binned(nameTable(...often), columns);
    expect(widths).toEqual([256]);
    expect([...cells]).not.toContain(255);
  });

  it.each([1, 255, 2.5])("refuse %d bins", (mostBins) => {
    expect(() => together([numberTable(1)], { mostBins })).toThrow("mostBins must be a whole number from 2 to 254");
  });

  it("need the columns they were made for", () => {
    expect(() => binned(nameTable("car"), together([numberTable(1)]))).toThrow('no numeric column "age"');
  });
});
