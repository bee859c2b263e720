import { describe, expect, it } from "vitest";
import { type CreditSchema, german, parseCredit, schemaOf, taiwan } from "@aegis-pool/workload-credit";

const schema: CreditSchema = {
  name: "Example",
  columns: [
    { name: "age", kind: "number", low: 18, high: 80 },
    { name: "purpose", kind: "category", names: ["car"] },
  ],
  label: { column: "paid", bad: "no", good: "yes" },
};

describe("a file of applicants", () => {
  it("gives the columns of the schema, whatever their order, and leaves out others", () => {
    const { table, labels } = parseCredit("paid,purpose,id,age\r\nno, car ,7,31\r\nyes,,8,\r\n", schema);
    expect([...labels]).toEqual([1, 0]);
    expect(table.numbers).toEqual(new Map([["age", Float64Array.of(31, Number.NaN)]]));
    expect(table.categories).toEqual(new Map([["purpose", ["car", null]]]));
  });

  it.each([
    ["age,purpose,paid\n31,car,perhaps", 'line 2, column "paid": "perhaps" is neither "no" (not paid back) nor "yes"'],
    ["age,purpose,paid\n31,car,no\nNaN,car,no", 'line 3, column "age": "NaN" is not a finite number'],
    ["age,purpose,paid\n1e999,car,no", 'line 2, column "age": "1e999" is not a finite number'],
    ["age,purpose,paid\n0x1F,car,no", 'line 2, column "age": "0x1F" is not a finite number'],
    ["age,purpose,paid\n31,car", "line 2: 2 fields where the first line names 3"],
    ["age,paid\n31,no", 'the file has no column "purpose": its columns are age, paid'],
    ["", 'the file has no column "age"'],
  ])("is refused where it is %j", (text, message) => {
    expect(() => parseCredit(text, schema)).toThrow(message);
  });

  it("may have no applicant at all", () => {
    expect(parseCredit("age,purpose,paid\n", schema).table.rows).toBe(0);
  });
});

describe("the schemas", () => {
  it.each([german, taiwan])("of $name name each column once, and not the answer", ({ columns, label }) => {
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain(label.column);
  });

  it("are known by the first line of their file", () => {
    for (const { columns, label } of [german, taiwan]) {
      const header = ["id", ...columns.map(({ name }) => name), label.column].join();
      expect(schemaOf(`${header}\r\n1,2\n`)?.label.column).toBe(label.column);
    }
    expect(schemaOf("age,purpose,paid\n")).toBeUndefined();
    expect(schemaOf("")).toBeUndefined();
  });

  it("read a line of each file as its documentation explains it", () => {
    const row = Array.from({ length: 20 }, (_, at) =>
      german.columns.find(({ name }) => name === `Attribute${at + 1}`)?.kind === "category" ? `A${at + 1}1` : "2",
    );
    const header = Array.from({ length: 20 }, (_, at) => `Attribute${at + 1}`);
    const { table, labels } = parseCredit(`${[...header, "class"].join()}\n${[...row, "2"].join()}\n`, german);
    expect(table.columns).toHaveLength(20);
    expect([...labels]).toEqual([1]);
  });
});
