import type { SafeTensor } from "./safetensors/format.js";
import { readSafetensors } from "./safetensors/read.js";
import { bytesOfShape, quoted } from "./safetensors/rules.js";
import { writeSafetensors } from "./safetensors/write.js";

/** One array of a model's parameters. */
export interface ModelTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** In row-major order: as many as the shape says. */
  readonly values: Float32Array;
}

/** Why a well-formed file is no update of a model. */
export type UpdateRefusal =
  | "tensor-missing"
  | "tensor-unknown"
  | "dtype-differs"
  | "shape-differs"
  | "value-not-finite";

/** A file that is no update of the model, and what was wrong with it. */
export class UpdateRefused extends Error {
  readonly reason: UpdateRefusal;

  constructor(reason: UpdateRefusal, message: string) {
    super(message);
    this.name = "UpdateRefused";
    this.reason = reason;
  }
}

const floatBytes = 4;

/**
 * A safetensors file of a model, all F32.
 * @param metadata free text by key; none by default
 * @throws {RangeError} where values do not fit their shape or names their rules
 */
export function writeModel(model: readonly ModelTensor[], metadata?: ReadonlyMap<string, string>): Uint8Array {
  return writeSafetensors(
    model.map(({ name, shape, values }) => ({ name, dtype: "F32", shape, bytes: floatsToBytes(values) })),
    metadata,
  );
}

/**
 * The model of a safetensors file, in the order of its bytes.
 * @throws {SafetensorsRefused} where the file is none
 * @throws {UpdateRefused} `dtype-differs`, `value-not-finite`
 */
export function readModel(file: Uint8Array): ModelTensor[] {
  return readSafetensors(file).tensors.map((tensor) => {
    return { name: tensor.name, shape: tensor.shape, values: finiteFloats(tensor) };
  });
}

/**
 * Reads an update of `model` from a safetensors file: the same names and shapes, F32, finite.
 * @returns all values, one tensor after another in the order of `model`
 * @throws {SafetensorsRefused} where the file is none
 * @throws {UpdateRefused} where it does not fit the model
 */
export function readUpdate(file: Uint8Array, model: readonly Omit<ModelTensor, "values">[]): Float32Array {
  const found = new Map(readSafetensors(file).tensors.map((tensor) => [tensor.name, tensor]));
  const parts = model.map((expected) => {
    const tensor = found.get(expected.name);
    if (!tensor) throw new UpdateRefused("tensor-missing", `the tensor ${quoted(expected.name)} is not in it`);
    found.delete(expected.name);
    if (tensor.shape.join() !== expected.shape.join()) {
      const shapes = `[${tensor.shape.join(", ")}], not [${expected.shape.join(", ")}]`;
      throw new UpdateRefused("shape-differs", `the tensor ${quoted(expected.name)} has the shape ${shapes}`);
    }
    return finiteFloats(tensor);
  });
  const [unknown] = found.keys();
  if (unknown !== undefined) throw new UpdateRefused("tensor-unknown", `the model has no tensor ${quoted(unknown)}`);
  return joined(parts);
}

/**
 * The largest file that {@link readUpdate} can take for `model`: its values and a header of the longest allowed form. To bound a file before it
 * is read. Unit: bytes.
 */
export function mostUpdateBytes(model: readonly Omit<ModelTensor, "values">[], headerBytes: number): number {
  return model.reduce((sum, { shape }) => sum + Number(bytesOfShape("F32", shape)), headerBytes);
}

function finiteFloats({ name, dtype, bytes }: SafeTensor): Float32Array {
  if (dtype !== "F32") throw new UpdateRefused("dtype-differs", `the tensor ${quoted(name)} is ${dtype}, not F32`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const floats = new Float32Array(bytes.length / floatBytes);
  for (let index = 0; index < floats.length; index++) {
    const value = view.getFloat32(index * floatBytes, true);
    if (!Number.isFinite(value)) {
      throw new UpdateRefused("value-not-finite", `value ${index} of the tensor ${quoted(name)} is ${value}`);
    }
    floats[index] = value;
  }
  return floats;
}

function floatsToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * floatBytes);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(index * floatBytes, values[index] ?? 0, true);
  return bytes;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
