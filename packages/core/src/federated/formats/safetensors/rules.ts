import { type Dtype, dtypeBytes, safetensorsLimits } from "./format.js";

/** The first bytes, which hold the header's length. */
export const lengthBytes = 8;
/** The key of the header that is no tensor. */
export const metadataKey = "__metadata__";

/** `name` for a message: quoted, and short however long it is. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}...` : name);
}

/** Why `name` cannot be a tensor's, or undefined. */
export function wrongName(name: string): string | undefined {
  if (name.length < 1 || name.length > safetensorsLimits.nameLength) {
    return `the name ${quoted(name)} has ${name.length} characters, not 1 to ${safetensorsLimits.nameLength}`;
  }
  return /\p{Surrogate}/u.test(name) ? `the name ${quoted(name)} holds half of a surrogate pair` : undefined;
}

/** How many bytes a tensor of this shape has, or a sentence why none can have it. */
export function bytesOfShape(dtype: Dtype, shape: readonly number[]): number | string {
  if (shape.length > safetensorsLimits.dimensions) {
    return `${shape.length} dimensions are more than ${safetensorsLimits.dimensions}`;
  }
  let bytes: number = dtypeBytes[dtype];
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return `${size} is no size of a dimension`;
    bytes *= size;
    if (bytes > safetensorsLimits.fileBytes) return `the shape [${shape.join(", ")}] does not fit into a file`;
  }
  return bytes;
}
