import { describe, expect, it } from "vitest";
import { networkToOnnx } from "../../../src/federated/formats/onnx/network.js";
import { initialModel, type Model, type NetworkShape } from "../../../src/federated/training/network.js";
import { logitsOf } from "../../../src/federated/training/predict.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { runOnnx } from "./onnx-session.js";

const rows = 500;

/** A model of this shape with no parameter 0. */
function modelOf(shape: NetworkShape, random: () => number): Model {
  const { parameters } = initialModel(shape, random);
  return { shape, parameters: parameters.map((value) => value + (random() - 0.5)) };
}

describe("a network as ONNX", () => {
  it.each<[string, NetworkShape]>([
    ["a logistic regression", { widths: [24, 1], activation: "relu" }],
    ["one column", { widths: [1, 1], activation: "tanh" }],
    ["a network of ReLU", { widths: [24, 64, 32, 1], activation: "relu" }],
    ["a network of tanh", { widths: [7, 5, 1], activation: "tanh" }],
    ["ten widths", { widths: [3, 4, 5, 6, 7, 6, 5, 4, 3, 1], activation: "relu" }],
  ])("says of random rows what we say: %s", async (_, shape) => {
    const random = seededUniform(7);
    const model = modelOf(shape, random);
    const columns = shape.widths[0] ?? 0;
    const values = Float32Array.from({ length: rows * columns }, () => 4 * random() - 2);
    const { logit, probability } = await runOnnx(networkToOnnx(model), "features", values, columns);
    const own = logitsOf(model, values);
    expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(0.01); // the rows tell something
    for (const [row, value] of own.entries()) {
      expect(Math.abs((logit[row] ?? Number.NaN) - value)).toBeLessThan(1e-5);
      expect(Math.abs((probability[row] ?? Number.NaN) - 1 / (1 + Math.exp(-value)))).toBeLessThan(1e-5);
    }
  });

  it.each([
    ["a parameter too few", new Float32Array(3)],
    ["a parameter too many", new Float32Array(5)],
    ["NaN", Float32Array.of(1, 2, 3, Number.NaN)],
  ])("is refused with %s", (_, parameters) => {
    const shape = { widths: [3, 1], activation: "relu" } as const;
    expect(() => networkToOnnx({ shape, parameters })).toThrow(RangeError);
  });
});
