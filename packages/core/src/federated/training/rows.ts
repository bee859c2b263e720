import { firstNotFinite } from "../vectors.js";

/** What one participant trains on. */
export interface LabelledRows {
  /** Row after row, `columns` values each: finite. */
  readonly values: Float32Array;
  /** One per row: 0 or 1. */
  readonly labels: Float32Array;
  /** Values of one row, at least 1. */
  readonly columns: number;
}

/** @throws RangeError where `rows` are not whole rows of `columns` finite values with one label of 0 or 1 each; says which */
export function checkRows(rows: LabelledRows, columns: number): void {
  if (rows.columns !== columns)
    throw new RangeError(`The model takes rows of ${columns} columns, not ${rows.columns}.`);
  if (rows.values.length !== rows.labels.length * columns) {
    throw new RangeError(`${rows.labels.length} labels do not fit ${rows.values.length} values of ${columns} columns.`);
  }
  const badValue = firstNotFinite(rows.values);
  if (badValue >= 0) {
    const [row, column] = [Math.floor(badValue / columns), badValue % columns];
    throw new RangeError(`Row ${row}, column ${column} is ${rows.values[badValue]}: values must be finite.`);
  }
  const badLabel = rows.labels.findIndex((label) => label !== 0 && label !== 1);
  if (badLabel >= 0) throw new RangeError(`The label of row ${badLabel} is ${rows.labels[badLabel]}, neither 0 nor 1.`);
}
