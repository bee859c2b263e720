import { describe, expect, it } from "vitest";
import { type LocalTerms, LocalTrainer } from "../../../src/federated/training/local-trainer.js";
import { initialModel, type NetworkShape } from "../../../src/federated/training/network.js";
import { type OptimiserTerms, optimiserOf } from "../../../src/federated/training/optimisers.js";
import { logitsOf } from "../../../src/federated/training/predict.js";
import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { entry, madeRows } from "./made-rows.js";

const logistic: NetworkShape = { widths: [3, 1], activation: "relu" };
const network: NetworkShape = { widths: [3, 8, 5, 1], activation: "relu" };

function trained(shape: NetworkShape, rows: LabelledRows, terms: LocalTerms, seed = 1) {
  const { parameters } = initialModel(shape, seededUniform(seed));
  const trainer = new LocalTrainer(shape, rows, terms);
  const lastLoss = trainer.train(parameters, seededUniform(seed + 1));
  return { parameters, lastLoss, loss: trainer.meanLoss(parameters) };
}

/** Ridge-regularised logistic regression of three columns and an intercept by Newton's method, in double precision. */
function newton({ values, labels }: LabelledRows, l2: number): number[] {
  const points = Array.from(labels, (label, row) => ({ label, x: [...values.subarray(row * 3, row * 3 + 3), 1] }));
  let weights = [0, 0, 0, 0];
  for (let step = 0; step < 30; step++) {
    const slope = weights.map((weight, i) => (i < 3 ? l2 * weight : 0));
    const curvature = weights.map((_, i) => weights.map((__, j) => (i === j && i < 3 ? l2 : 0)));
    for (const { label, x } of points) {
      const z = x.reduce((sum, value, i) => sum + value * entry(weights, i), 0);
      const probability = 1 / (1 + Math.exp(-z));
      for (const [i, xi] of x.entries()) {
        slope[i] = entry(slope, i) + ((probability - label) * xi) / points.length;
        const line = entry(curvature, i);
        for (const [j, xj] of x.entries()) {
          line[j] = entry(line, j) + (probability * (1 - probability) * xi * xj) / points.length;
        }
      }
    }
    const by = solved(curvature, slope);
    weights = weights.map((weight, i) => weight - entry(by, i));
  }
  return weights;
}

/** Gauss and Jordan, for a positive definite matrix. */
function solved(matrix: number[][], right: number[]): number[] {
  const lines = matrix.map((line, i) => [...line, entry(right, i)]);
  for (const [pivot, line] of lines.entries()) {
    const scale = entry(line, pivot);
    const unit = line.map((value) => value / scale);
    for (const [i, other] of lines.entries()) {
      lines[i] = i === pivot ? unit : other.map((value, j) => value - entry(other, pivot) * entry(unit, j));
    }
  }
  return lines.map((line) => line.at(-1) ?? Number.NaN);
}

/** Where an optimiser goes step by step. */
function path(terms: OptimiserTerms, starts: number[], gradients: number[][]): number[][] {
  const parameters = Float32Array.from(starts);
  const optimiser = optimiserOf(terms, starts.length);
  return gradients.map((gradient) => {
    optimiser.step(parameters, Float32Array.from(gradient));
    return [...parameters];
  });
}

describe("local training", () => {
  it.each([0, 0.05])("finds the optimum of logistic regression that Newton's method finds, with l2 %d", (l2) => {
    const rows = madeRows(300, 3, 21);
    const optimiser = { name: "sgd", learningRate: 2 } as const;
    const { parameters } = trained(logistic, rows, { optimiser, epochs: 1500, batchRows: 300, l2 });
    expect([...parameters]).toEqual(newton(rows, l2).map((weight) => expect.closeTo(weight, 4)));
  });

  it.each<OptimiserTerms>([
    { name: "sgd", learningRate: 0.2 },
    { name: "momentum", learningRate: 0.05 },
    { name: "adam", learningRate: 0.01 },
  ])("learns what no logistic regression can, by $name", (optimiser) => {
    const rows = madeRows(600, 3, 8);
    const labels = rows.labels.map((_, row) => {
      return entry(rows.values, 3 * row) * entry(rows.values, 3 * row + 1) > 0 ? 1 : 0;
    });
    const { loss } = trained(network, { ...rows, labels }, { optimiser, epochs: 60 });
    expect(loss).toBeLessThan(0.2);
    const { loss: logisticLoss } = trained(logistic, { ...rows, labels }, { optimiser, epochs: 60 });
    expect(logisticLoss).toBeGreaterThan(0.6);
  });

  it("repeats to the bit for the same seed, and goes another way for another order of rows", () => {
    const rows = madeRows(100, 3, 4);
    const terms = { optimiser: { name: "adam" }, epochs: 3 } as const;
    const [one, same] = [trained(network, rows, terms), trained(network, rows, terms)];
    expect(same).toEqual(one);
    const { parameters } = initialModel(network, seededUniform(1));
    new LocalTrainer(network, rows, terms).train(parameters, seededUniform(99));
    expect(parameters).not.toEqual(one.parameters);
  });

  it("takes every row once an epoch, also where the last batch is smaller", () => {
    // With a rate of nearly nothing, the mean of the batches' losses is the loss of all rows.
    const rows = madeRows(103, 3, 4);
    const { lastLoss, loss } = trained(network, rows, {
      optimiser: { name: "sgd", learningRate: 1e-12 },
      batchRows: 10,
    });
    expect(lastLoss).toBeCloseTo(loss, 10);
  });

  it("measures more rows than fit one batch as each by itself", () => {
    const rows = madeRows(2500, 3, 4);
    const model = initialModel(network, seededUniform(3));
    const single = [...logitsOf(model, rows.values)].map((logit, row) => {
      return Math.log1p(Math.exp(entry(rows.labels, row) === 1 ? -logit : logit));
    });
    const mean = single.reduce((sum, loss) => sum + loss, 0) / single.length;
    const trainer = new LocalTrainer(network, rows, { optimiser: { name: "adam" } });
    expect(trainer.meanLoss(model.parameters)).toBeCloseTo(mean, 10);
    expect(logitsOf(model, rows.values.slice(3 * 2400))).toEqual(logitsOf(model, rows.values).slice(2400));
  });

  it("stays where it is without rows", () => {
    const none = { values: new Float32Array(), labels: new Float32Array(), columns: 3 };
    const start = initialModel(network, seededUniform(1)).parameters;
    expect(trained(network, none, { optimiser: { name: "adam" } })).toEqual({
      parameters: start,
      lastLoss: 0,
      loss: 0,
    });
  });

  it("weighs weights, but no biases, by l2", () => {
    // One row of zeros: the loss says nothing of the weight, and l2 alone moves it.
    const rows = { values: Float32Array.of(0), labels: Float32Array.of(1), columns: 1 };
    const shape = { widths: [1, 1], activation: "relu" } as const;
    const parameters = Float32Array.of(2, 3);
    new LocalTrainer(shape, rows, { optimiser: { name: "sgd", learningRate: 0.5 }, l2: 0.1 }).train(
      parameters,
      () => 0,
    );
    expect(parameters[0]).toBeCloseTo(2 - 0.5 * 0.1 * 2, 6);
    expect(parameters[1]).toBeCloseTo(3 + 0.5 * (1 - 1 / (1 + Math.exp(-3))), 6);
  });

  const one = { values: Float32Array.of(1, 2, 3), labels: Float32Array.of(1), columns: 3 };
  const sgd = { name: "sgd", learningRate: 0.1 } as const;

  it.each<[string, LabelledRows, string]>([
    ["of another width", { ...one, columns: 1 }, "rows of 3 columns, not 1"],
    ["without labels for all", { ...one, labels: Float32Array.of(1, 0) }, "2 labels do not fit 3 values"],
    ["that are no numbers", { ...one, values: Float32Array.of(1, Number.NaN, 3) }, "Row 0, column 1 is NaN"],
    ["that are infinite", { ...one, values: Float32Array.of(1, 2, Infinity) }, "Row 0, column 2 is Infinity"],
    ["with a label between", { ...one, labels: Float32Array.of(0.5) }, "The label of row 0 is 0.5, neither 0 nor 1"],
  ])("refuses rows %s", (_, rows, message) => {
    expect(() => new LocalTrainer(logistic, rows, { optimiser: sgd })).toThrow(message);
  });

  it.each<LocalTerms>([
    { optimiser: { name: "sgd", learningRate: 0 } },
    { optimiser: { name: "sgd", learningRate: Number.NaN } },
    { optimiser: { name: "momentum", learningRate: 0.1, momentum: 1 } },
    { optimiser: { name: "momentum", learningRate: 101 } },
    { optimiser: { name: "adam", beta1: 1 } },
    { optimiser: { name: "adam", beta2: -0.1 } },
    { optimiser: { name: "adam", epsilon: 0 } },
    { optimiser: { name: "adam", learningRate: -1 } },
    { optimiser: sgd, epochs: 0 },
    { optimiser: sgd, epochs: 1.5 },
    { optimiser: sgd, batchRows: 0 },
    { optimiser: sgd, l2: -1 },
    { optimiser: sgd, proximal: Infinity },
  ])("refuses the terms %j", (terms) => {
    expect(() => new LocalTrainer(logistic, one, terms)).toThrow(RangeError);
  });

  it("refuses to predict for a part of a row", () => {
    expect(() =>
      logitsOf(
        initialModel(logistic, () => 0),
        new Float32Array(4),
      ),
    ).toThrow("4 values are not whole rows of 3");
  });
});

describe("optimisers", () => {
  const gradients = [
    [0.5, -3],
    [-0.25, 0.1],
    [2, 0.7],
  ];

  it("Adam goes as algorithm 1 of its paper, worked out in Python", () => {
    const terms = { name: "adam", learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 } as const;
    const expected = [
      [0.900199601, -1.900033322],
      [0.879007715, -1.83907563],
      [0.808175756, -1.812217602],
    ];
    expect(path(terms, [1, -2], gradients)).toEqual(
      expected.map((line) => line.map((value) => expect.closeTo(value, 5))),
    );
  });

  it("momentum adds up what is left of former gradients", () => {
    const velocities = [0.5, 0.5 * 0.7 - 0.25, (0.5 * 0.7 - 0.25) * 0.7 + 2];
    const expected = velocities.map((_, step) => 1 - 0.1 * velocities.slice(0, step + 1).reduce((a, b) => a + b));
    const found = path({ name: "momentum", learningRate: 0.1, momentum: 0.7 }, [1, 0], gradients);
    expect(found.map(([first]) => first)).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });
});
