/**
 * The safetensors format (huggingface.co/docs/safetensors): u64 length of a JSON header, the header, the tensors.
 * Here with the element types that onnxruntime-web can hold.
 */
import { Failure } from "./failures.js";
import { decodeText, encodeText } from "./primordials.js";

/** A tensor's bytes are little-endian and start at an aligned offset of a buffer of their own. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const lengthBytes = 8;
const maxHeaderBytes = 1 << 20;
const metadataKey = "__metadata__";

/** @throws {Failure} `input-invalid` */
export function decodeSafetensors(file: Uint8Array): Map<string, RawTensor> {
  const { header, body } = split(file);
  const tensors = new Map<string, RawTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== metadataKey) tensors.set(name, tensorOf(name, entry, body));
  }
  return tensors;
}

function split(file: Uint8Array): { header: object; body: Uint8Array } {
  if (file.length < lengthBytes) throw invalid("it is shorter than its length field");
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset, lengthBytes).getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || headerBytes > file.length - lengthBytes) throw invalid("its header is too long");
  const body = file.subarray(lengthBytes + headerBytes);
  return { header: parseHeader(file.subarray(lengthBytes, lengthBytes + headerBytes)), body };
}

function parseHeader(bytes: Uint8Array): object {
  try {
    const header: unknown = JSON.parse(decodeText(bytes));
    if (typeof header === "object" && header !== null) return header;
  } catch {
    // Said below.
  }
  throw invalid("its header is no JSON object");
}

function tensorOf(name: string, entry: unknown, body: Uint8Array): RawTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !isCounts(shape) || !isCounts(offsets)) throw invalid(`the entry of ${name} is odd`);
  const [start = 0, end = -1] = offsets;
  if (end < start || end > body.length) throw invalid(`the bytes of ${name} lie outside the file`);
  return { dtype, shape, bytes: body.slice(start, end) };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function invalid(why: string): Failure {
  return new Failure("input-invalid", `the input is not safetensors: ${why}`);
}

/** Tensors in the order given; the header is padded so that they start at a multiple of 8. */
export function encodeSafetensors(tensors: ReadonlyMap<string, RawTensor>): Uint8Array {
  const entries: Record<string, object> = {};
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    entries[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = JSON.stringify(entries);
  const header = encodeText(json + " ".repeat((lengthBytes - (encodeText(json).length % lengthBytes)) % lengthBytes));
  const file = new Uint8Array(lengthBytes + header.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, lengthBytes);
  let at = lengthBytes + header.length;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
