import { decodeUtf8 } from "../../../shared/utf8.js";
import {
  type Dtype,
  dtypeBytes,
  safetensorsLimits,
  SafetensorsRefused,
  type SafetensorsFile,
  type SafeTensor,
} from "./format.js";
import { HeaderText } from "./header-text.js";
import { bytesOfShape, lengthBytes, metadataKey, quoted, wrongName } from "./rules.js";

/** What the header says of one tensor, with its place among the tensors' bytes. */
interface Entry extends Omit<SafeTensor, "bytes"> {
  readonly start: number;
  readonly end: number;
}

interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a safetensors file of any origin. Every byte is accounted for: tensors follow each other without holes from the header to the end.
 * The tensors' bytes are views of `file`; nothing is allocated by what the header claims.
 * @throws {SafetensorsRefused} naming the first thing that is wrong
 */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const headerBytes = headerLength(file);
  const body = file.subarray(lengthBytes + headerBytes);
  const { entries, metadata } = parseHeader(file.subarray(lengthBytes, lengthBytes + headerBytes));
  const ordered = entries.toSorted((one, other) => one.start - other.start || one.end - other.end);
  checkCover(ordered, body.length);
  const tensors = ordered.map(({ name, dtype, shape, start, end }) => {
    return { name, dtype, shape, bytes: body.subarray(start, end) };
  });
  return { tensors, metadata };
}

function headerLength(file: Uint8Array): number {
  const { fileBytes, headerBytes } = safetensorsLimits;
  if (file.length > fileBytes) {
    throw new SafetensorsRefused("file-too-long", `the file has ${file.length} bytes, more than ${fileBytes}`);
  }
  if (file.length < lengthBytes) {
    throw new SafetensorsRefused("file-too-short", `the file has ${file.length} bytes, not even its length field`);
  }
  const length = new DataView(file.buffer, file.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > headerBytes) {
    throw new SafetensorsRefused("header-too-long", `the header has ${length} bytes, more than ${headerBytes}`);
  }
  if (Number(length) > file.length - lengthBytes) {
    throw new SafetensorsRefused("header-cut-off", `the header has ${length} bytes, which the file has not`);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Header {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new SafetensorsRefused("header-not-utf8", "the header is not UTF-8");
  if (!text.startsWith("{")) throw new SafetensorsRefused("header-invalid", 'the header does not start with "{"');
  const header = new HeaderText(text);
  const entries: Entry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const name of header.keys()) {
    if (name === metadataKey) metadata = parseMetadata(header);
    else entries.push(parseEntry(name, header));
    if (entries.length > safetensorsLimits.tensors) {
      throw new SafetensorsRefused("too-many-tensors", `more than ${safetensorsLimits.tensors} tensors`);
    }
  }
  header.end();
  return { entries, metadata };
}

function parseMetadata(header: HeaderText): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  for (const key of header.keys()) metadata.set(key, header.text());
  return metadata;
}

function parseEntry(name: string, header: HeaderText): Entry {
  const nameTrouble = wrongName(name);
  if (nameTrouble !== undefined) throw new SafetensorsRefused("name-invalid", nameTrouble);
  let [dtype, shape, offsets]: [string?, number[]?, number[]?] = [];
  for (const key of header.keys()) {
    if (key === "dtype") dtype = header.text();
    else if (key === "shape") shape = header.counts(safetensorsLimits.dimensions);
    else if (key === "data_offsets") offsets = header.counts(2);
    else
      throw new SafetensorsRefused("header-invalid", `the tensor ${quoted(name)} has the unknown key ${quoted(key)}`);
  }
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    const message = `the tensor ${quoted(name)} lacks one of "dtype", "shape" and "data_offsets"`;
    throw new SafetensorsRefused("header-invalid", message);
  }
  return { name, shape, ...placed(name, dtype, shape, offsets) };
}

/** Type and place of a tensor whose bytes are as many as its shape says. */
function placed(
  name: string,
  dtype: string,
  shape: readonly number[],
  [start = 0, end = -1]: readonly number[],
): Pick<Entry, "dtype" | "start" | "end"> {
  if (!isDtype(dtype)) {
    const known = Object.keys(dtypeBytes).join(", ");
    throw new SafetensorsRefused("dtype-unknown", `the type ${quoted(dtype)} of ${quoted(name)} is none of ${known}`);
  }
  const bytes = bytesOfShape(dtype, shape);
  if (typeof bytes === "string") throw new SafetensorsRefused("shape-invalid", `the tensor ${quoted(name)}: ${bytes}`);
  if (end - start !== bytes) {
    const message = `the tensor ${quoted(name)} is to have ${bytes} bytes, but lies from ${start} to ${end}`;
    throw new SafetensorsRefused("offsets-invalid", message);
  }
  return { dtype, start, end };
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(dtypeBytes, name);
}

/** Each begins where the one before it ended, and the last ends with the file. */
function checkCover(ordered: readonly Entry[], bodyBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of ordered) {
    if (start !== covered || end > bodyBytes) {
      const message = `the tensor ${quoted(name)} lies from ${start} to ${end}, where ${covered} to at most ${bodyBytes} is free`;
      throw new SafetensorsRefused("offsets-invalid", message);
    }
    covered = end;
  }
  if (covered !== bodyBytes) {
    throw new SafetensorsRefused("bytes-left-over", `${bodyBytes - covered} bytes at the end belong to no tensor`);
  }
}
