/**
 * The safetensors format (Hugging Face, "Safetensors: Format"): a u64 length, a JSON header of that length, the bytes of the tensors. A file
 * comes from a program that somebody else wrote, so it is read strictly: what the format leaves open, such as a key that comes twice, is refused.
 */

/** Bytes of one element, by the type's name in the header. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** The name of an element type, as in the header. The 4- and 8-bit floats that the format also has are refused. */
export type Dtype = keyof typeof elementBytes;

/** One tensor of a file. */
export interface Tensor {
  /** 1 to 256 characters, unique in its file, not `__metadata__`. */
  readonly name: string;
  readonly dtype: Dtype;
  /** Sizes of the dimensions, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Elements in row-major order, little-endian, without gaps. */
  readonly bytes: Uint8Array;
}

/** What a file holds. */
export interface SafetensorsFile {
  /** In the order of their bytes. */
  readonly tensors: readonly Tensor[];
  /** Free text by key, such as the format's name. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Hard bounds of what is read and written. */
export const safetensorsLimits = {
  /** The whole file; what reads one from a disk should bound it further, by what it expects. */
  fileBytes: 2 ** 30,
  /** The header; the format itself allows 100 MB. */
  headerBytes: 2 ** 20,
  tensors: 4_096,
  /** Of a tensor's name, in UTF-16 units. */
  nameLength: 256,
  dimensions: 8,
} as const;

/** The first bytes, which hold the header's length. */
export const lengthBytes = 8;
/** The key of the header that is no tensor. */
export const metadataKey = "__metadata__";

/** Why a file is not read. */
export type SafetensorsRefusal =
  | "file-too-short"
  | "file-too-long"
  | "header-too-long"
  | "header-cut-off"
  | "header-not-utf8"
  /** It is not JSON, or not of the form that the format prescribes. */
  | "header-invalid"
  | "key-repeated"
  | "name-invalid"
  | "dtype-unknown"
  | "shape-invalid"
  | "too-many-tensors"
  /** They overlap, leave a hole, lie outside the file, or do not fit the shape. */
  | "offsets-invalid"
  /** Bytes at the end belong to no tensor. */
  | "bytes-left-over";

/** A file that is not read, and what was wrong with it. */
export class SafetensorsRefused extends Error {
  readonly reason: SafetensorsRefusal;

  constructor(reason: SafetensorsRefusal, message: string) {
    super(message);
    this.name = "SafetensorsRefused";
    this.reason = reason;
  }
}

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
  let bytes: number = elementBytes[dtype];
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return `${size} is no size of a dimension`;
    bytes *= size;
    if (bytes > safetensorsLimits.fileBytes) return `the shape [${shape.join(", ")}] does not fit into a file`;
  }
  return bytes;
}
