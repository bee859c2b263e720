import type { Procedure } from "../procedure.js";
import { inRange } from "../training/range.js";
import {
  type CategoryList,
  type CategoryTerms,
  categoryPlaces,
  findCategories,
  publicCategories,
} from "./categories.js";
import { logarithm } from "./logarithm.js";
import { findQuantiles, type QuantileTerms } from "./quantiles.js";
import { findStandards } from "./standards.js";
import { categoriesIn, isNumeric, numbersIn, type Table } from "./table.js";

/** How features for a model of weights are made of columns. */
export interface FeatureTerms extends CategoryTerms, Omit<QuantileTerms, "shares"> {
  /** Values beyond this share of the records at either end are cut to it, 0 to 0.25. Default 0.005. */
  readonly cutShare?: number;
  /**
   * Pieces into which quantiles divide a numeric column, 1 to 64; each is a feature of its own beside the standardised
   * value. Default 1: none.
   */
  readonly pieces?: number;
}

/** How one column becomes features. */
export type FeatureColumn = NumberFeatures | CategoryFeatures;

/** One feature for the standardised value, one for each piece, and one for unknown values where there were any. */
interface NumberFeatures {
  readonly name: string;
  readonly kind: "number" | "money";
  /** Values are cut to these. */
  readonly low: number;
  readonly high: number;
  /** Of the values, cut and, of money, on the logarithmic scale. */
  readonly mean: number;
  readonly deviation: number;
  /** Where pieces begin and end, ascending, on the scale of the mean; none where there are no pieces. */
  readonly knots: readonly number[];
  readonly hasUnknown: boolean;
}

/** One feature for each listed category, one for all others, and one for unknown ones where there were any. */
interface CategoryFeatures {
  readonly name: string;
  readonly kind: "category";
  readonly list: CategoryList;
  readonly hasUnknown: boolean;
}

/** How records become numbers: plain values, the same at every participant, kept with the model. */
export interface FeatureMap {
  readonly columns: readonly FeatureColumn[];
  /** Features per record. */
  readonly width: number;
}

/**
 * Fits a feature map to all participants' records: quantiles, then categories, then means and deviations. Six sums.
 * Throws a RangeError for terms outside their ranges.
 */
export function* fitFeatures(table: Table, terms: FeatureTerms): Procedure<FeatureMap> {
  const { cutShare = 0.005, pieces = 1 } = terms;
  inRange("cutShare", cutShare, { atLeast: 0, atMost: 0.25 });
  checkPieces(pieces);
  const numeric = table.columns.filter(isNumeric);
  const named = table.columns.filter((column) => !isNumeric(column));
  const inner = Array.from({ length: pieces - 1 }, (_, at) => cutShare + ((1 - 2 * cutShare) * (at + 1)) / pieces);
  const shares = [cutShare, ...inner, 1 - cutShare];
  const quantiles = yield* findQuantiles(
    numeric.map(({ name }) => numbersIn(table, name)),
    { ...terms, shares },
  );
  const lists = yield* findCategories(
    named.map(({ name }) => categoriesIn(table, name)),
    terms,
  );
  const bounds = quantiles.map(({ values }) => ({ low: values[0] ?? 0, high: values.at(-1) ?? 0 }));
  const scales = numeric.map(({ kind }) => scaleOf(kind));
  const standards = yield* findStandards(
    numeric.map(({ name }, at) => ({
      values: numbersIn(table, name).map(scales[at]!),
      low: scales[at]!(bounds[at]!.low),
      high: scales[at]!(bounds[at]!.high),
    })),
    terms,
  );
  const columns = table.columns.map((column): FeatureColumn => {
    const { name, kind } = column;
    if (kind === "category") {
      const list = lists[named.indexOf(column)]!;
      return { name, kind, list, hasUnknown: list.counts.at(-1)! > 0 };
    }
    const at = numeric.indexOf(column);
    const { mean, deviation, unknown } = standards[at]!;
    const knots = pieces > 1 ? distinct(quantiles[at]!.values.map(scales[at]!)) : [];
    return { name, kind, ...bounds[at]!, mean, deviation, knots, hasUnknown: unknown > 0 };
  });
  return mapOf(columns);
}

/** What is known of a column to everybody, without looking at records. */
export type PublicColumn =
  | { readonly name: string; readonly kind: "number" | "money"; readonly low: number; readonly high: number }
  | { readonly name: string; readonly kind: "category"; readonly names: readonly string[] };

/**
 * A feature map from public knowledge alone: it costs no privacy. A numeric column is taken to be spread evenly over
 * its range, on its scale, and divided into `pieces` of equal width (1 to 64; 1: none). Unknown values have their
 * feature in every column. Throws a RangeError for a range that is not finite or in the wrong order.
 */
export function publicFeatures(columns: readonly PublicColumn[], pieces: number, salt: Uint8Array): FeatureMap {
  checkPieces(pieces);
  return mapOf(
    columns.map((column): FeatureColumn => {
      const { name, kind } = column;
      if (kind === "category") return { name, kind, list: publicCategories(column.names, salt), hasUnknown: true };
      const { low, high } = column;
      if (!(Number.isFinite(high - low) && high > low)) {
        throw new RangeError(`column "${name}" is said to be from ${low} to ${high}: give finite bounds, low first`);
      }
      const [from, to] = [scaleOf(kind)(low), scaleOf(kind)(high)];
      const knots = pieces > 1 ? Array.from({ length: pieces + 1 }, (_, at) => from + ((to - from) * at) / pieces) : [];
      // Of even spread: the variance is the squared width over 12.
      return {
        name,
        kind,
        low,
        high,
        mean: (from + to) / 2,
        deviation: (to - from) / Math.sqrt(12),
        knots,
        hasUnknown: true,
      };
    }),
  );
}

/**
 * The features of `table`'s records, record by record, each `map.width` wide. Throws a RangeError where the table lacks
 * a column of the map.
 */
export function encode(map: FeatureMap, table: Table): Float32Array {
  const matrix = new Float32Array(table.rows * map.width);
  let start = 0;
  for (const column of map.columns) {
    const fill = column.kind === "category" ? categoryFiller(column, table) : numberFiller(column, table);
    for (let row = 0; row < table.rows; row++) fill(matrix, row * map.width + start, row);
    start += widthOf(column);
  }
  return matrix;
}

/** Writes the features of one column of record `row` from place `at` on. */
type Filler = (matrix: Float32Array, at: number, row: number) => void;

function numberFiller(column: NumberFeatures, table: Table): Filler {
  const { low, high, mean, deviation, knots } = column;
  const values = numbersIn(table, column.name);
  const scale = scaleOf(column.kind);
  return (matrix, at, row) => {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      if (column.hasUnknown) matrix[at + widthOf(column) - 1] = 1;
      return;
    }
    const scaled = scale(Math.min(high, Math.max(low, value)));
    matrix[at] = deviation > 0 ? (scaled - mean) / deviation : 0;
    for (let piece = 0; piece + 1 < knots.length; piece++) {
      const [from, to] = [knots[piece]!, knots[piece + 1]!];
      matrix[at + 1 + piece] = Math.min(1, Math.max(0, (scaled - from) / (to - from)));
    }
  };
}

function categoryFiller(column: CategoryFeatures, table: Table): Filler {
  const names = categoriesIn(table, column.name);
  const placeOf = categoryPlaces(column.list);
  return (matrix, at, row) => {
    const name = names[row] ?? null;
    if (name !== null || column.hasUnknown) matrix[at + placeOf(name)] = 1;
  };
}

function mapOf(columns: readonly FeatureColumn[]): FeatureMap {
  return { columns, width: columns.reduce((sum, column) => sum + widthOf(column), 0) };
}

function widthOf(column: FeatureColumn): number {
  const unknown = column.hasUnknown ? 1 : 0;
  if (column.kind === "category") return column.list.buckets.length + 1 + unknown;
  return 1 + Math.max(0, column.knots.length - 1) + unknown;
}

/**
 * Amounts of money by the logarithm of their magnitude, with their sign: a doubling is a step of the same size whether
 * small or large.
 */
function scaleOf(kind: "number" | "money" | "category"): (value: number) => number {
  return kind === "money" ? (value) => Math.sign(value) * logarithm(1 + Math.abs(value)) : (value) => value;
}

function distinct(values: readonly number[]): number[] {
  return values.filter((value, at) => value !== values[at - 1]);
}

function checkPieces(pieces: number): void {
  inRange("pieces", pieces, { atLeast: 1, atMost: 64, whole: true });
}
