/**
 * The safetensors format (Hugging Face, "Safetensors: Format"): a u64 length, a JSON header of that length, the bytes of the tensors. A file
 * comes from a program that somebody else wrote, so it is read strictly: what the format leaves open, such as a key that comes twice, is refused.
 */

/** Bytes of one element, by the type's name in the header. */
export const dtypeBytes = {
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
export type Dtype = keyof typeof dtypeBytes;

/** One tensor of a file. */
export interface SafeTensor {
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
  readonly tensors: readonly SafeTensor[];
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
