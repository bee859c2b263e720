import type { JsonValue, TaskValue } from "../protocol/values.js";
import { equalBytes } from "../shared/bytes.js";
import { floatRanges, type FloatRange } from "./float-ranges.js";
import type { Tolerance } from "../protocol/requirements.js";

/**
 * Whether two numbers are as good as the same: `|a - b| <= tolerance x max(|a|, |b|)`. NaN is equal to NaN, +0 to -0, and an infinity to
 * itself alone.
 */
export function areClose(one: number, other: number, { billionths }: Pick<Tolerance, "billionths">): boolean {
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return true;
  if (!Number.isFinite(one) || !Number.isFinite(other)) return false;
  return Math.abs(one - other) <= (billionths / 1e9) * Math.max(Math.abs(one), Math.abs(other));
}

/**
 * Whether two outputs agree: numbers within the tolerance, wherever they are in JSON, or in bytes where the tolerance says that these are
 * floats; text, structure and all other bytes exactly.
 */
export function doAgree(one: TaskValue, other: TaskValue, tolerance: Tolerance): boolean {
  if (one instanceof Uint8Array || other instanceof Uint8Array)
    return one instanceof Uint8Array && other instanceof Uint8Array && doBytesAgree(one, other, tolerance);
  return doJsonAgree(one, other, tolerance);
}

/** With a list of what is left to compare instead of recursion: whoever nests an answer a million deep breaks nothing. */
function doJsonAgree(one: JsonValue, other: JsonValue, tolerance: Tolerance): boolean {
  const left: [JsonValue, JsonValue][] = [[one, other]];
  for (let pair = left.pop(); pair; pair = left.pop()) {
    const inner = partsOf(...pair, tolerance);
    if (!inner) return false;
    for (const part of inner) left.push(part);
  }
  return true;
}

/** What is in two values and has to agree too; undefined: they differ already. */
function partsOf(one: JsonValue, other: JsonValue, tolerance: Tolerance): [JsonValue, JsonValue][] | undefined {
  if (typeof one === "number" && typeof other === "number") return areClose(one, other, tolerance) ? [] : undefined;
  if (!isNested(one) || !isNested(other)) return one === other ? [] : undefined;
  if (Array.isArray(one) !== Array.isArray(other)) return undefined;
  const [mine, theirs] = [Object.entries(one), new Map(Object.entries(other))];
  if (mine.length !== theirs.size) return undefined;
  const parts: [JsonValue, JsonValue][] = [];
  for (const [key, value] of mine) {
    const counterpart = theirs.get(key);
    if (counterpart === undefined) return undefined;
    parts.push([value, counterpart]);
  }
  return parts;
}

type Nested = readonly JsonValue[] | Readonly<Record<string, JsonValue>>;

function isNested(value: JsonValue): value is Nested {
  return typeof value === "object" && value !== null;
}

function doBytesAgree(one: Uint8Array, other: Uint8Array, tolerance: Tolerance): boolean {
  if (one.length !== other.length) return false;
  let exact = 0;
  for (const range of floatRanges(one, tolerance.bytes)) {
    if (!equalBytes(one.subarray(exact, range.start), other.subarray(exact, range.start))) return false;
    if (!doFloatsAgree(one, other, range, tolerance)) return false;
    exact = range.end;
  }
  return equalBytes(one.subarray(exact), other.subarray(exact));
}

function doFloatsAgree(one: Uint8Array, other: Uint8Array, range: FloatRange, tolerance: Tolerance): boolean {
  const [mine, theirs] = [viewOf(one), viewOf(other)];
  const { start, end, width } = range;
  for (let at = start; at < end; at += width)
    if (!areClose(floatAt(mine, at, width), floatAt(theirs, at, width), tolerance)) return false;
  return true;
}

function floatAt(view: DataView, at: number, width: FloatRange["width"]): number {
  return width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
