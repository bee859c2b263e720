/** One attribute of a record. */
export interface Column {
  readonly name: string;
  /**
   * "money" is a number that spans powers of ten: its logarithm is looked at. A number without order, such as a code,
   * is a category.
   */
  readonly kind: "number" | "money" | "category";
}

/** One value of a record; null where nothing is known. */
export type Cell = number | string | null;

/** Records of one participant, by columns, checked. */
export interface Table {
  readonly columns: readonly Column[];
  /** How many records. */
  readonly rows: number;
  /** Per column of numbers or money: one value per record, NaN where nothing is known. */
  readonly numbers: ReadonlyMap<string, Float64Array>;
  /** Per category column: one name per record, null where nothing is known. */
  readonly categories: ReadonlyMap<string, readonly (string | null)[]>;
}

/** The largest magnitude of a number: bins are found in single precision. */
const mostMagnitude = 3.4e38;

/**
 * `rows` as a table. Each row has one cell per column, in their order. A category may be given as a finite number,
 * which stands for its decimal digits; an empty category is unknown. Throws a TypeError that names column and row (from
 * 0) where a cell is of another type, not finite, or beyond single precision (3.4e38), and where a row is shorter or
 * longer than the columns or two columns share a name.
 */
export function tableOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Table {
  const names = new Set(columns.map(({ name }) => name));
  if (names.size !== columns.length) throw new TypeError("two columns have the same name: each needs its own");
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns.length) {
      throw new TypeError(`row ${index}: ${row.length} cells where there are ${columns.length} columns`);
    }
  }
  const cells = (at: number) => rows.map((row) => row[at] ?? null);
  const indexed = columns.map((column, at) => ({ ...column, at }));
  return {
    columns,
    rows: rows.length,
    numbers: new Map(indexed.filter(isNumeric).map(({ name, at }) => [name, numbersOf(name, cells(at))])),
    categories: new Map(
      indexed.filter((column) => !isNumeric(column)).map(({ name, at }) => [name, categoriesOf(name, cells(at))]),
    ),
  };
}

/** The records of `table` at `places` (from 0), in that order. */
export function rowsOf(table: Table, places: ArrayLike<number>): Table {
  const chosen = Array.from(places);
  return {
    columns: table.columns,
    rows: chosen.length,
    numbers: new Map(
      [...table.numbers].map(([name, values]) => [
        name,
        Float64Array.from(chosen, (place) => values[place] ?? Number.NaN),
      ]),
    ),
    categories: new Map(
      [...table.categories].map(([name, values]) => [name, chosen.map((place) => values[place] ?? null)]),
    ),
  };
}

/** Whether a column's values are numbers: amounts of money are. */
export function isNumeric({ kind }: Column): boolean {
  return kind !== "category";
}

/** The values of numeric column `name`, NaN where unknown. Throws a RangeError where the table has no such column. */
export function numbersIn(table: Table, name: string): Float64Array {
  const values = table.numbers.get(name);
  if (values === undefined) throw new RangeError(missing("numeric", name, [...table.numbers.keys()]));
  return values;
}

/** The names in category column `name`, null where unknown. Throws a RangeError where the table has no such column. */
export function categoriesIn(table: Table, name: string): readonly (string | null)[] {
  const values = table.categories.get(name);
  if (values === undefined) throw new RangeError(missing("category", name, [...table.categories.keys()]));
  return values;
}

function missing(kind: string, name: string, known: readonly string[]): string {
  return `no ${kind} column "${name}": the table has ${known.map((each) => `"${each}"`).join(", ") || "none"}`;
}

function numbersOf(name: string, cells: readonly Cell[]): Float64Array {
  return Float64Array.from(cells, (cell, row) => {
    if (cell === null) return Number.NaN;
    if (typeof cell === "number" && Math.abs(cell) <= mostMagnitude) return cell;
    const shown = typeof cell === "number" ? String(cell) : `"${cell}"`;
    throw new TypeError(
      `column "${name}", row ${row}: ${shown} is not a finite number; a missing value is given as null`,
    );
  });
}

function categoriesOf(name: string, cells: readonly Cell[]): readonly (string | null)[] {
  return cells.map((cell, row) => {
    if (typeof cell === "number" && !Number.isFinite(cell)) {
      throw new TypeError(`column "${name}", row ${row}: ${cell} is not a category; a missing value is given as null`);
    }
    const category = cell === null ? "" : String(cell).trim().normalize("NFC");
    return category === "" ? null : category;
  });
}
