import { encodeUtf8 } from "../../../shared/utf8.js";
import { dtypeBytes, safetensorsLimits, type SafeTensor } from "./format.js";
import { bytesOfShape, lengthBytes, metadataKey, quoted, wrongName } from "./rules.js";

/**
 * A safetensors file of `tensors`: larger elements first, else in the order given, so that each tensor is aligned to its elements and equal
 * tensors give equal files. What is written is within {@link safetensorsLimits}, so that it can be read again.
 * @param metadata free text by key; none by default
 * @throws {RangeError} where a name comes twice or cannot be one, bytes do not fit the shape, or a limit is passed
 */
export function writeSafetensors(
  tensors: readonly SafeTensor[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  checkTensors(tensors);
  const ordered = tensors.toSorted((one, other) => dtypeBytes[other.dtype] - dtypeBytes[one.dtype]);
  const header = encodeUtf8(padded(headerOf(ordered, metadata)));
  const bodyStart = lengthBytes + header.length;
  const fileBytes = ordered.reduce((sum, { bytes }) => sum + bytes.length, bodyStart);
  if (header.length > safetensorsLimits.headerBytes || fileBytes > safetensorsLimits.fileBytes) {
    throw new RangeError(`a header of ${header.length} bytes in a file of ${fileBytes} is too long`);
  }
  const file = new Uint8Array(fileBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, lengthBytes);
  let at = bodyStart;
  for (const { bytes } of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function checkTensors(tensors: readonly SafeTensor[]): void {
  if (tensors.length > safetensorsLimits.tensors) throw new RangeError(`${tensors.length} tensors are too many`);
  const seen = new Set([metadataKey]);
  for (const { name, dtype, shape, bytes } of tensors) {
    const trouble = wrongName(name) ?? (seen.has(name) ? `the name ${quoted(name)} is taken` : undefined);
    if (trouble !== undefined) throw new RangeError(trouble);
    seen.add(name);
    const expected = bytesOfShape(dtype, shape);
    if (expected !== bytes.length) {
      const fitting = typeof expected === "string" ? expected : `its shape needs ${expected}`;
      throw new RangeError(`the tensor ${quoted(name)} has ${bytes.length} bytes: ${fitting}`);
    }
  }
}

/** Put together entry by entry: as the keys of one object, names such as "7" would be reordered and `__proto__` lost. */
function headerOf(tensors: readonly SafeTensor[], metadata: ReadonlyMap<string, string>): string {
  const members: string[] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    members.push(`${JSON.stringify(metadataKey)}:{${texts.join(",")}}`);
  }
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    const entry = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset += bytes.length;
  }
  return `{${members.join(",")}}`;
}

/** With spaces to a multiple of 8 bytes, so that the tensors start aligned. */
function padded(header: string): string {
  const bytes = encodeUtf8(header).length;
  return header + " ".repeat(-bytes & (lengthBytes - 1));
}
