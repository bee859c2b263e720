import { type Cell, type Column, type PublicColumn, tableOf, type Table } from "@aegis-pool/core";

/** Records with the answer to learn: 1 where the credit was not paid back. */
export interface LabelledTable {
  readonly table: Table;
  readonly labels: Uint8Array;
}

/** What a file of applicants holds: which columns are looked at, and which says how it went. */
export interface CreditSchema {
  readonly name: string;
  /** With what everybody may know of them: names of categories, and ranges. */
  readonly columns: readonly PublicColumn[];
  /**
   * The column of the answer, and its value where the credit was not paid back; any other of `values` says that it was.
   */
  readonly label: { readonly column: string; readonly bad: string; readonly good: string };
}

/**
 * Reads comma-separated values whose first line names the columns; columns that the schema does not name are left out.
 * A field that is empty is unknown. Fields are not quoted. Throws a TypeError that names the line and the column where
 * a field does not fit.
 */
export function parseCredit(text: string, schema: CreditSchema): LabelledTable {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const header = (lines[0] ?? "").split(",").map((name) => name.trim());
  const placeOf = (name: string) => {
    const place = header.indexOf(name);
    if (place < 0) throw new TypeError(`the file has no column "${name}": its columns are ${header.join(", ")}`);
    return place;
  };
  const places = schema.columns.map(({ name }) => placeOf(name));
  const labelPlace = placeOf(schema.label.column);
  const rows: Cell[][] = [];
  const labels: number[] = [];
  for (const [index, line] of lines.slice(1).entries()) {
    const fields = line.split(",").map((field) => field.trim());
    if (fields.length !== header.length) {
      throw new TypeError(`line ${index + 2}: ${fields.length} fields where the first line names ${header.length}`);
    }
    rows.push(schema.columns.map((column, at) => cellOf(column, fields[places[at]!]!, index + 2)));
    labels.push(labelOf(schema, fields[labelPlace]!, index + 2));
  }
  return { table: tableOf(schema.columns, rows), labels: Uint8Array.from(labels) };
}

/** The text that {@link parseCredit} reads as these records. */
export function writeCredit({ table, labels }: LabelledTable, { columns, label }: CreditSchema): string {
  const names = columns.map(({ name }) => name);
  const rows = Array.from(labels, (isBad, row) =>
    [...names.map((name) => fieldOf(table, name, row)), isBad ? label.bad : label.good].join(),
  );
  return [[...names, label.column].join(), ...rows, ""].join("\n");
}

function fieldOf({ numbers, categories }: Table, name: string, row: number): string {
  const cell = numbers.get(name)?.[row] ?? categories.get(name)?.[row];
  return cell === null || cell === undefined || Number.isNaN(cell) ? "" : String(cell);
}

function cellOf({ name, kind }: Column, field: string, line: number): Cell {
  if (field === "") return null;
  if (kind === "category") return field;
  // "0x1F" and the like are no amounts that anybody writes.
  const value = /^[-+.0-9eE]+$/.test(field) ? Number(field) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new TypeError(
    `line ${line}, column "${name}": "${field}" is not a finite number; leave it empty where unknown`,
  );
}

function labelOf({ label: { column, bad, good } }: CreditSchema, field: string, line: number): number {
  if (field === bad) return 1;
  if (field === good) return 0;
  throw new TypeError(`line ${line}, column "${column}": "${field}" is neither "${bad}" (not paid back) nor "${good}"`);
}
