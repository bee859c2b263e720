import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ModelTensor,
  mostUpdateBytes,
  readModel,
  readUpdate,
  type UpdateRefusal,
  UpdateRefused,
  writeModel,
} from "../../../src/federated/formats/model-tensors.js";
import { networkTensors } from "../../../src/federated/formats/network-tensors.js";
import { type Dtype, dtypeBytes } from "../../../src/federated/formats/safetensors/format.js";
import { writeSafetensors } from "../../../src/federated/formats/safetensors/write.js";

const model: readonly ModelTensor[] = [
  { name: "hidden.weight", shape: [2, 3], values: Float32Array.of(1.5, -2, 3, 4, 5, 0.1) },
  { name: "hidden.bias", shape: [2], values: Float32Array.of(7, 8) },
  { name: "scale", shape: [], values: Float32Array.of(-0) },
];

function refusalOf(file: Uint8Array): UpdateRefusal | "read" {
  try {
    readUpdate(file, model);
    return "read";
  } catch (error) {
    if (error instanceof UpdateRefused) return error.reason;
    throw error;
  }
}

/** The file of the model with its tensor `index` changed. */
function changed(index: number, change: Partial<ModelTensor>): Uint8Array {
  return writeModel(model.map((tensor, at) => (at === index ? { ...tensor, ...change } : tensor)));
}

describe("an update of a model", () => {
  it("is one vector in the order of the model, whichever order its file has", () => {
    const flat = Float32Array.of(1.5, -2, 3, 4, 5, 0.1, 7, 8, -0);
    expect(readUpdate(writeModel(model), model)).toEqual(flat);
    expect(readUpdate(writeModel(model.toReversed()), model)).toEqual(flat);
  });

  it("keeps every finite value to the bit", () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 50 }), (values) => {
        const one = [{ name: "w", shape: [values.length], values: Float32Array.from(values) }];
        expect(readUpdate(writeModel(one), one)).toEqual(one[0]?.values);
      }),
    );
  });

  it("is no longer than the bound by which its file is read", () => {
    const header = 200;
    expect(mostUpdateBytes(model, header)).toBe(9 * 4 + header);
    expect(writeModel(model).length).toBeLessThanOrEqual(mostUpdateBytes(model, 8 + 2 ** 20));
  });

  it.each<[string, Uint8Array, UpdateRefusal]>([
    ["a tensor is missing", writeModel(model.slice(1)), "tensor-missing"],
    ["a tensor has another name", changed(0, { name: "hidden.Weight" }), "tensor-missing"],
    [
      "there is a tensor too many",
      writeModel([...model, { name: "more", shape: [0], values: new Float32Array() }]),
      "tensor-unknown",
    ],
    ["a shape is transposed", changed(0, { shape: [3, 2] }), "shape-differs"],
    ["a scalar is a vector", changed(2, { shape: [1] }), "shape-differs"],
    ["a value is NaN", changed(1, { values: Float32Array.of(1, Number.NaN) }), "value-not-finite"],
    ["a value is infinite", changed(1, { values: Float32Array.of(-Infinity, 1) }), "value-not-finite"],
  ])("is refused where %s", (_, file, reason) => {
    expect(refusalOf(file)).toBe(reason);
  });

  it.each((Object.keys(dtypeBytes) as Dtype[]).filter((dtype) => dtype !== "F32"))("is refused as %s", (dtype) => {
    const tensors = model.map(({ name, shape, values }) => {
      return { name, shape, dtype, bytes: new Uint8Array(values.length * dtypeBytes[dtype]) };
    });
    expect(refusalOf(writeSafetensors(tensors))).toBe("dtype-differs");
  });
});

describe("a model's file", () => {
  it("holds the model", () => {
    expect(readModel(writeModel(model, new Map([["round", "3"]])))).toEqual(model);
  });

  it("is refused with values that are no model's", () => {
    expect(() => readModel(changed(0, { values: new Float32Array(6).fill(Number.NaN) }))).toThrow(/value 0 .* is NaN/);
  });
});

describe("a network's tensors", () => {
  const shape = { widths: [3, 2, 1], activation: "relu" } as const;

  it("are its parameters by name, in their order", () => {
    const parameters = Float32Array.from({ length: 11 }, (_, at) => at + 0.5);
    const tensors = networkTensors({ shape, parameters });
    expect(tensors.map(({ name, shape: sizes }) => [name, sizes])).toEqual([
      ["layer0.weight", [2, 3]],
      ["layer0.bias", [2]],
      ["layer1.weight", [1, 2]],
      ["layer1.bias", [1]],
    ]);
    expect(readUpdate(writeModel(tensors), tensors)).toEqual(parameters);
  });

  it("are refused where the parameters are another network's", () => {
    expect(() => networkTensors({ shape, parameters: new Float32Array(12) })).toThrow(/has 11 parameters, not 12/);
  });
});
