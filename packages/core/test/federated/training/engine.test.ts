import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NetworkEngine } from "../../../src/federated/training/engine.js";
import { initialModel, layersOf, type NetworkShape, parameterCount } from "../../../src/federated/training/network.js";
import { multiply } from "../../../src/federated/training/product.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { entry, madeRows } from "./made-rows.js";

const shapes = fc.record({
  hidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
  columns: fc.integer({ min: 1, max: 7 }),
  activation: fc.constantFrom("relu" as const, "tanh" as const),
  count: fc.integer({ min: 1, max: 13 }),
  seed: fc.nat(),
});

/** The forward pass once more, in double precision and without blocks. */
function plainLoss(shape: NetworkShape, parameters: Float64Array, values: Float32Array, labels: Float32Array): number {
  const columns = entry(shape.widths, 0);
  return labels.reduce((sum, label, row) => {
    let outputs = [...values.subarray(row * columns, (row + 1) * columns)];
    for (const { inputs, outputs: width, weights, biases } of layersOf(shape)) {
      const before = outputs;
      const isLast = biases + width === parameters.length;
      outputs = Array.from({ length: width }, (_, output) => {
        const start = weights + output * inputs;
        const weighted = before.reduce((total, value, at) => total + value * entry(parameters, start + at), 0);
        const z = weighted + entry(parameters, biases + output);
        if (isLast) return z;
        return shape.activation === "relu" ? Math.max(0, z) : Math.tanh(z);
      });
    }
    const probability = 1 / (1 + Math.exp(-entry(outputs, 0)));
    return sum - Math.log(label === 1 ? probability : 1 - probability);
  }, 0);
}

/** A model with weights and biases away from 0, and rows for it. */
function someModel({
  hidden,
  columns,
  activation,
  count,
  seed,
}: {
  hidden: number[];
  columns: number;
  activation: "relu" | "tanh";
  count: number;
  seed: number;
}) {
  const shape: NetworkShape = { widths: [columns, ...hidden, 1], activation };
  const random = seededUniform(seed);
  const parameters = Float32Array.from({ length: parameterCount(shape) }, () => 2 * random() - 1);
  return { shape, parameters, rows: madeRows(count, columns, seed + 1), count };
}

describe("network engine", () => {
  it("multiplies as the definition says, for every remainder of its blocks and every layout", () => {
    const sizes = fc.integer({ min: 1, max: 11 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        sizes,
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (rows, columns, inner, turnA, turnB, seed) => {
          const random = seededUniform(seed);
          const matrix = (height: number, width: number, turned: boolean) => ({
            values: Float32Array.from({ length: 2 + height * width }, () => random() - 0.5),
            start: 2,
            rowStride: turned ? 1 : width,
            columnStride: turned ? height : 1,
          });
          const [a, b, c] = [matrix(rows, inner, turnA), matrix(columns, inner, turnB), matrix(rows, columns, false)];
          multiply(a, b, c, rows, columns, inner);
          const element = (of: typeof a, i: number, p: number) =>
            entry(of.values, of.start + i * of.rowStride + p * of.columnStride);
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              let sum = 0;
              for (let p = 0; p < inner; p++) sum += element(a, i, p) * element(b, j, p);
              expect(element(c, i, j)).toBe(Math.fround(sum));
            }
          }
        },
      ),
    );
  });

  it("has the loss and, by finite differences, the gradient of the plain formula", () => {
    fc.assert(
      fc.property(shapes, (made) => {
        const { shape, parameters, rows, count } = someModel(made);
        const gradient = new Float32Array(parameters.length).fill(Number.NaN);
        const engine = new NetworkEngine(shape, count);
        const loss = engine.gradientOfLoss(parameters, { ...rows, count }, gradient);
        const precise = Float64Array.from(parameters);
        expect(loss).toBeCloseTo(plainLoss(shape, precise, rows.values, rows.labels), 4);
        expect(engine.lossOf(parameters, { ...rows, count })).toBe(loss);
        const step = 1e-6;
        for (const at of precise.keys()) {
          const slopes = [step, -step].map((by) => {
            const moved = precise.slice();
            moved[at] = entry(precise, at) + by;
            return (
              (plainLoss(shape, moved, rows.values, rows.labels) -
                plainLoss(shape, precise, rows.values, rows.labels)) /
              by
            );
          });
          // A rectifier's corner within the step has two slopes, and either will do.
          expect(Math.min(...slopes.map((slope) => Math.abs(slope - entry(gradient, at))))).toBeLessThan(
            2e-3 * (1 + count),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("stays finite at logits that overflow an exponential", () => {
    const shape: NetworkShape = { widths: [1, 1], activation: "relu" };
    const rows = { values: Float32Array.of(1000, -1000), labels: Float32Array.of(0, 1), count: 2 };
    const gradient = new Float32Array(2);
    expect(new NetworkEngine(shape, 2).gradientOfLoss(Float32Array.of(1, 0), rows, gradient)).toBe(2000);
    expect([...gradient]).toEqual([2000, 0]);
  });

  it("hands on what is not a number, instead of taking it for a rectified 0", () => {
    const shape: NetworkShape = { widths: [1, 2, 1], activation: "relu" };
    const parameters = new Float32Array(parameterCount(shape)).fill(1);
    parameters[0] = Number.NaN;
    expect(new NetworkEngine(shape, 1).logits(parameters, Float32Array.of(1), 1)[0]).toBeNaN();
  });

  it("refuses more rows than it was made for", () => {
    const engine = new NetworkEngine({ widths: [1, 1], activation: "relu" }, 2);
    expect(() => engine.logits(new Float32Array(2), new Float32Array(3), 3)).toThrow("3 rows are more than the 2");
    expect(() => new NetworkEngine({ widths: [1, 1], activation: "relu" }, 0)).toThrow("A batch of 0 rows");
  });

  it.each([[[3]], [[]], [[3, 2]], [[0, 1]], [[3, 1.5, 1]], [[70_000, 1]], [Array.from({ length: 11 }, () => 1)]])(
    "refuses the widths %j",
    (widths) => {
      expect(() => layersOf({ widths, activation: "relu" })).toThrow(RangeError);
    },
  );

  it("begins with zeros where there is no hidden layer, else with weights of the bound that suits the layer", () => {
    const logistic = initialModel({ widths: [5, 1], activation: "relu" }, seededUniform(1));
    expect([...logistic.parameters]).toEqual([0, 0, 0, 0, 0, 0]);
    const { shape, parameters } = initialModel({ widths: [20, 30, 1], activation: "tanh" }, seededUniform(1));
    const first = entry(layersOf(shape), 0);
    const last = entry(layersOf(shape), 1);
    const weights = parameters.subarray(first.weights, first.biases);
    expect(Math.max(...weights)).toBeLessThanOrEqual(Math.sqrt(6 / 50));
    expect(Math.max(...weights)).toBeGreaterThan(0.95 * Math.sqrt(6 / 50));
    expect(Math.min(...weights)).toBeLessThan(-0.95 * Math.sqrt(6 / 50));
    expect([...parameters.subarray(first.biases, last.weights)]).toEqual(Array.from({ length: 30 }, () => 0));
  });
});
