import { describe, expect, it } from "vitest";
import {
  type Cell,
  categoriesIn,
  type Column,
  numbersIn,
  rowsOf,
  tableOf,
} from "../../../src/federated/preprocessing/table.js";
import { known } from "../../fixtures.js";

const columns: readonly Column[] = [
  { name: "age", kind: "number" },
  { name: "purpose", kind: "category" },
  { name: "amount", kind: "money" },
];

const table = (...rows: Cell[][]) => tableOf(columns, rows);

describe("a table of records", () => {
  it("keeps numbers and categories by column, and what is unknown as NaN and null", () => {
    const { rows, numbers, categories } = table([31, "car", 2500], [null, " ", null], [47, 3, -0.5]);
    expect(rows).toBe(3);
    expect(numbers.get("age")).toEqual(Float64Array.of(31, Number.NaN, 47));
    expect(numbers.get("amount")).toEqual(Float64Array.of(2500, Number.NaN, -0.5));
    expect(categories.get("purpose")).toEqual(["car", null, "3"]);
  });

  it("takes a name that is written in two ways of Unicode, or between blanks, for one category", () => {
    const { categories } = table([1, "Caf\u00E9", 1], [1, " Cafe\u0301 ", 1]);
    expect(new Set(categories.get("purpose"))).toEqual(new Set(["Caf\u00E9"]));
  });

  it.each([Number.NaN, Infinity, -Infinity, 1e39])("refuses %d, naming column and row", (bad) => {
    expect(() => table([31, "car", 1], [32, "car", bad])).toThrow(
      `column "amount", row 1: ${bad} is not a finite number`,
    );
  });

  it("refuses text where a number belongs, and a category that is not finite", () => {
    expect(() => table(["31", "car", 1])).toThrow('column "age", row 0: "31" is not a finite number');
    expect(() => table([31, Number.NaN, 1])).toThrow('column "purpose", row 0: NaN is not a category');
  });

  it("refuses a row of another length, and two columns of one name", () => {
    expect(() => table([31, "car", 1], [31, "car"])).toThrow("row 1: 2 cells where there are 3 columns");
    expect(() => tableOf([known(columns[0]), known(columns[0])], [])).toThrow("two columns have the same name");
  });

  it("gives chosen records in the order asked for", () => {
    const chosen = rowsOf(table([31, "car", 1], [32, "house", 2], [33, "boat", 3]), [2, 0]);
    expect(numbersIn(chosen, "age")).toEqual(Float64Array.of(33, 31));
    expect(categoriesIn(chosen, "purpose")).toEqual(["boat", "car"]);
  });

  it("says which columns there are where one is asked for that is not", () => {
    expect(() => numbersIn(table(), "purpose")).toThrow('no numeric column "purpose": the table has "age", "amount"');
    expect(() => categoriesIn(table(), "age")).toThrow('no category column "age": the table has "purpose"');
  });
});
