/**
 * The bytes of an exact product, all little-endian. Input: u32 rows, u32 inner, u32 columns, then A (rows x inner) and B (inner x columns)
 * as i16, row by row. Output: u32 rows, u32 columns, then C = A x B as i32, row by row.
 *
 * Every partial sum, in any order, stays within `inner x max|A| x max|B|`. Inputs for which that is more than `largestSum` are none: so
 * 32-bit integers never overflow, and a double is always exact. Below 2^24, such as entries up to 255 with an inner size up to 258, floats
 * of 32 bits are exact too, as in DESIGN section 5.
 */
export const largestSum = 2 ** 30 - 1;

/** Rows, inner or columns, at most. */
export const largestSide = 2 ** 20;

const [inputHeader, outputHeader] = [12, 8];

/** A matrix of integers, row by row. */
export interface IntegerMatrix<Entries extends Int16Array | Int32Array> {
  readonly rows: number;
  readonly columns: number;
  readonly entries: Entries;
}

/** Two matrices that can be multiplied, and how large the product's entries may be, either way. */
export interface ProductInput {
  readonly left: IntegerMatrix<Int16Array>;
  readonly right: IntegerMatrix<Int16Array>;
  readonly bound: number;
}

/**
 * The input of a task that is to multiply two matrices.
 * @throws {RangeError} where they do not fit together, are too large, or their product's entries might be
 */
export function productInput(left: IntegerMatrix<Int16Array>, right: IntegerMatrix<Int16Array>): Uint8Array {
  const bytes = new Uint8Array(inputHeader + 2 * (left.entries.length + right.entries.length));
  const view = new DataView(bytes.buffer);
  for (const [at, side] of [left.rows, left.columns, right.columns].entries()) view.setUint32(at * 4, side, true);
  let offset = inputHeader;
  for (const { entries } of [left, right]) {
    for (const entry of entries) {
      view.setInt16(offset, entry, true);
      offset += 2;
    }
  }
  if (left.columns === right.rows && hasAllEntries(left) && hasAllEntries(right) && readProductInput(bytes))
    return bytes;
  const sizes = `${left.rows} x ${left.columns} and ${right.rows} x ${right.columns}`;
  throw new RangeError(
    `matrices of ${sizes} cannot be multiplied: sides are 1 to ${largestSide} and fit together, all entries are there, and inner size x largest entries is at most ${largestSum}`,
  );
}

/** The matrices in the body of an input; undefined where it is none. */
export function readProductInput(body: Uint8Array): ProductInput | undefined {
  const [rows = 0, inner = 0, columns = 0] = sides(body, inputHeader);
  const [inLeft, inRight] = [rows * inner, inner * columns]; // exact: up to 2^40
  if (![rows, inner, columns].every(isSide) || body.length !== inputHeader + 2 * (inLeft + inRight)) return undefined;
  const left = { rows, columns: inner, entries: integers(body, inputHeader, inLeft) };
  const right = { rows: inner, columns, entries: integers(body, inputHeader + 2 * inLeft, inRight) };
  const bound = inner * largest(left.entries) * largest(right.entries);
  return bound > largestSum ? undefined : { left, right, bound };
}

/** The matrix in the body of an output; undefined where it is none. */
export function readProduct(body: Uint8Array): IntegerMatrix<Int32Array> | undefined {
  const [rows = 0, columns = 0] = sides(body, outputHeader);
  if (!isSide(rows) || !isSide(columns) || body.length !== outputHeader + 4 * rows * columns) return undefined;
  const view = viewOf(body);
  const entries = new Int32Array(rows * columns);
  for (let at = 0; at < entries.length; at++) entries[at] = view.getInt32(outputHeader + 4 * at, true);
  return { rows, columns, entries };
}

function sides(body: Uint8Array, header: number): number[] {
  if (body.length < header) return [];
  const view = viewOf(body);
  return Array.from({ length: header / 4 }, (_, at) => view.getUint32(at * 4, true));
}

function isSide(side: number): boolean {
  return side >= 1 && side <= largestSide;
}

function hasAllEntries({ rows, columns, entries }: IntegerMatrix<Int16Array>): boolean {
  return entries.length === rows * columns;
}

function integers(body: Uint8Array, from: number, count: number): Int16Array {
  const view = viewOf(body);
  const entries = new Int16Array(count);
  for (let at = 0; at < count; at++) entries[at] = view.getInt16(from + 2 * at, true);
  return entries;
}

function largest(entries: Int16Array): number {
  let most = 0;
  for (const entry of entries) most = Math.max(most, Math.abs(entry));
  return most;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
