import type { Tolerance } from "../protocol/requirements.js";

/** Bytes that are little-endian floats of 4 or 8 bytes each, from `start` to before `end`. */
export interface FloatRange {
  readonly start: number;
  readonly end: number;
  readonly width: 4 | 8;
}

/** A larger header of tensors is not read, and compared exactly, in bytes. */
const mostHeaderBytes = 2 ** 20;
const lengthBytes = 8;
const widths: ReadonlyMap<unknown, 4 | 8> = new Map([
  ["F32", 4],
  ["F64", 8],
]);

/** Where an output of this kind has floats, in order; nowhere where it is not of the kind. */
export function floatRanges(bytes: Uint8Array, kind: Tolerance["bytes"]): readonly FloatRange[] {
  if (kind === "safetensors") return tensorRanges(bytes);
  const width = kind === "float32" ? 4 : 8;
  return kind === undefined || bytes.length % width !== 0 ? [] : [{ start: 0, end: bytes.length, width }];
}

/**
 * The tensors of floats in safetensors form: the header's length as a little-endian u64, the header as JSON, the tensors. The header
 * itself is in no range, so that names, types and shapes have to be the same. Tensors that overlap have to agree as either.
 */
function tensorRanges(bytes: Uint8Array): FloatRange[] {
  if (bytes.length < lengthBytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = Number(view.getBigUint64(0, true));
  if (header > mostHeaderBytes || lengthBytes + header > bytes.length) return [];
  const first = lengthBytes + header;
  const tensors = Object.values(Object(parse(bytes.subarray(lengthBytes, first))) as Record<string, unknown>);
  const ranges = tensors.flatMap((tensor) => rangeOf(tensor, first, bytes.length) ?? []);
  return ranges.toSorted((one, other) => one.start - other.start);
}

function rangeOf(tensor: unknown, first: number, length: number): FloatRange | undefined {
  const { dtype, data_offsets: offsets } = Object(tensor) as { dtype?: unknown; data_offsets?: unknown };
  const width = widths.get(dtype);
  const [from, to] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!width || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return undefined;
  const [start, end] = [first + Number(from), first + Number(to)];
  const fits = start >= first && start <= end && end <= length && (end - start) % width === 0;
  return fits ? { start, end, width } : undefined;
}

/** Byte by byte, whatever the encoding: the names in it do not matter here, only that both have the same. */
function parse(header: Uint8Array): unknown {
  let text = "";
  for (const byte of header) text += String.fromCharCode(byte);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
