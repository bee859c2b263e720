import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "../../../src/federated/procedure.js";
import { plainSum, runTogether } from "../../../src/federated/run-together.js";
import { descendTogether, type DescentTerms } from "../../../src/federated/training/descend-together.js";
import { NetworkEngine } from "../../../src/federated/training/engine.js";
import { LocalTrainer } from "../../../src/federated/training/local-trainer.js";
import { initialModel, type NetworkShape, parameterCount } from "../../../src/federated/training/network.js";
import { rowNorms } from "../../../src/federated/training/per-example.js";
import { ClippedSampler } from "../../../src/federated/training/private-gradient.js";
import { PrivateTrainer, type PrivateTerms } from "../../../src/federated/training/private-trainer.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { trainTogether } from "../../../src/federated/training/train-together.js";
import { cutRows, entry, madeRows } from "./made-rows.js";

const network: NetworkShape = { widths: [3, 5, 4, 1], activation: "tanh" };
const rows = madeRows(60, 3, 17);
const sgd = { name: "sgd", learningRate: 0.3 } as const;
const terms: PrivateTerms = { optimiser: sgd, steps: 4, samplingRate: 1, clipNorm: 1e6, noiseMultiplier: 0 };

/** Standard normal values (Box and Muller), for tests only. */
function seededNormal(seed: number): () => number {
  const random = seededUniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function someParameters(shape: NetworkShape, seed: number): Float32Array {
  const random = seededUniform(seed);
  return Float32Array.from({ length: parameterCount(shape) }, () => 2 * random() - 1);
}

/** Each row's gradient by itself. */
function singleGradients(shape: NetworkShape, parameters: Float32Array): Float32Array[] {
  const engine = new NetworkEngine(shape, 1);
  return cutRows(
    rows,
    Array.from(rows.labels, () => 1),
  ).map((row) => {
    const gradient = new Float32Array(parameters.length);
    engine.gradientOfLoss(parameters, { ...row, count: 1 }, gradient);
    return gradient;
  });
}

function closeTo(values: Iterable<number>, digits: number) {
  return Array.from(values, (value) => expect.closeTo(value, digits));
}

describe("gradients of single rows", () => {
  it("have the norms that batches of one row have", () => {
    fc.assert(
      fc.property(fc.constantFrom("relu" as const, "tanh" as const), fc.nat(), (activation, seed) => {
        const shape = { ...network, activation };
        const parameters = someParameters(shape, seed);
        const engine = new NetworkEngine(shape, 60);
        engine.backward(parameters, { ...rows, count: 60 });
        const norms = singleGradients(shape, parameters).map((gradient) => Math.hypot(...gradient));
        expect([...rowNorms(engine, { ...rows, count: 60 })]).toEqual(closeTo(norms, 4));
      }),
      { numRuns: 20 },
    );
  });

  it("are each cut to the clip norm, those within it left as they are, before they are added", () => {
    const parameters = someParameters(network, 5);
    const gradients = singleGradients(network, parameters);
    const norms = gradients.map((gradient) => Math.hypot(...gradient));
    const clipNorm = entry(
      norms.toSorted((a, b) => a - b),
      30,
    );
    const expected = new Float64Array(parameters.length);
    for (const [row, gradient] of gradients.entries()) {
      const scale = Math.min(1, clipNorm / entry(norms, row));
      for (const [at, value] of gradient.entries()) expected[at] = entry(expected, at) + scale * value;
    }
    const sampler = new ClippedSampler(network, rows, { samplingRate: 1, clipNorm });
    expect([...sampler.sum(parameters, () => 0)]).toEqual(closeTo(expected, 4));
  });

  it("change a sum by the clip norm at most when a row is added", () => {
    const parameters = someParameters(network, 6);
    const bounds = { samplingRate: 1, clipNorm: 0.05 };
    const sumOf = (count: number) => {
      return new ClippedSampler(network, entry(cutRows(rows, [count]), 0), bounds).sum(parameters, () => 0);
    };
    const without = sumOf(59);
    const difference = Math.hypot(...sumOf(60).map((value, at) => value - entry(without, at)));
    expect(difference).toBeGreaterThan(0.9 * bounds.clipNorm);
    expect(difference).toBeLessThan(bounds.clipNorm * (1 + 1e-5));
  });

  it("are sampled each by itself: sizes as of a binomial distribution, empty samples among them", () => {
    // A model whose logit is 0 and rows of 0: each row of label 0 adds 1/2 to the bias' gradient, so that sums count rows.
    const shape: NetworkShape = { widths: [1, 1], activation: "relu" };
    const alike = { values: new Float32Array(12), labels: new Float32Array(12), columns: 1 };
    const sampler = new ClippedSampler(shape, alike, { samplingRate: 0.15, clipNorm: 1 });
    const random = seededUniform(12);
    const samples = 4000;
    const sizes = Array.from({ length: samples }, () => 2 * entry(sampler.sum(new Float32Array(2), random), 1));
    const mean = sizes.reduce((sum, size) => sum + size, 0) / samples;
    const variance = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / samples;
    expect(mean).toBeCloseTo(12 * 0.15, 1);
    expect(variance / (12 * 0.15 * 0.85)).toBeCloseTo(1, 1);
    expect(sizes.filter((size) => size === 0).length / samples).toBeCloseTo(0.85 ** 12, 1);
    expect(Math.max(...sizes)).toBeGreaterThan(4);
  });
});

describe("DP-SGD", () => {
  it("without noise and clipping, and with all rows in each step, is full-batch gradient descent", () => {
    const [start, expected] = [someParameters(network, 2), someParameters(network, 2)];
    const local = { optimiser: sgd, epochs: 4, batchRows: 60, l2: 0.01 };
    new LocalTrainer(network, rows, local).train(expected, seededUniform(1));
    new PrivateTrainer(network, rows, { ...terms, l2: 0.01 }, () => 0).train(start, seededUniform(1));
    expect([...start]).toEqual(closeTo(expected, 5));
  });

  it("adds noise of the multiplier times the clip norm, and divides by the expected rows of a sample", () => {
    const start = new Float32Array(2);
    const shape: NetworkShape = { widths: [1, 1], activation: "relu" };
    const zeros = { values: new Float32Array(40), labels: new Float32Array(40), columns: 1 };
    const noisy = { ...terms, steps: 1, samplingRate: 0.25, clipNorm: 0.2, noiseMultiplier: 1.5 };
    new PrivateTrainer(shape, zeros, noisy, () => 2).train(start, () => 0.999);
    // An empty sample: noise alone moves the model.
    expect([...start]).toEqual(
      closeTo(
        [-0.3, -0.3].map((rate) => (rate * 2 * 1.5 * 0.2) / (0.25 * 40)),
        7,
      ),
    );
  });

  it("protects rows within rounds too, without sending losses, and needs a source of noise", () => {
    const start = initialModel(network, seededUniform(1));
    const rounds = {
      rounds: 2,
      mostParticipants: 3,
      strategy: { name: "fed-avg" },
      local: { ...terms, samplingRate: 0.5, clipNorm: 0.5, noiseMultiplier: 0.5 },
      weighting: { by: "rows", mostRows: 60 },
      clip: { norm: 100 },
    } as const;
    const procedures = [1, 2].map((seed) => {
      return trainTogether(rows, start, rounds, { uniform: seededUniform(seed), normal: seededNormal(seed) });
    });
    const [result] = runTogether(procedures, (steps) => {
      for (const { parts } of steps) expect(parts.map(({ name }) => name)).toEqual(["update", "weight"]);
      return plainSum(steps);
    });
    expect(result?.loss).toBeUndefined();
    expect(result?.model.parameters).not.toEqual(start.parameters);
    expect(() => trainTogether(rows, start, rounds, { uniform: () => 0 }).next()).toThrow("random.normal");
    const prox = { ...rounds, strategy: { name: "fed-prox" } } as const;
    expect(() => trainTogether(rows, start, prox, { uniform: () => 0, normal: () => 0 }).next()).toThrow("FedProx");
  });

  it.each<Partial<PrivateTerms>>([
    { samplingRate: 0 },
    { samplingRate: 1.01 },
    { clipNorm: 0 },
    { steps: 0 },
    { noiseMultiplier: -1 },
    { l2: Number.NaN },
  ])("refuses %j", (changed) => {
    expect(() => new PrivateTrainer(network, rows, { ...terms, ...changed }, () => 0)).toThrow(RangeError);
  });
});

describe("a common descent", () => {
  const parts = cutRows(rows, [30, 17, 12, 1]);
  const common: DescentTerms = { ...terms, mostParticipants: 4, sharers: 3, rows: 60, mostRows: 30 };
  const start = initialModel(network, seededUniform(1));

  function descend(changed: Partial<DescentTerms>, normal: () => number, seen: Step[] = []) {
    const procedures = parts.map((part, index) =>
      descendTogether(part, start, { ...common, ...changed }, seededUniform(index), normal),
    );
    return runTogether(procedures, (steps) => {
      seen.push(...steps);
      return plainSum(steps);
    });
  }

  it("is DP-SGD over all rows in one place, the same model for all", () => {
    const central = start.parameters.slice();
    const clipped = { ...terms, clipNorm: 0.3, l2: 0.02 };
    new PrivateTrainer(network, rows, clipped, () => 0).train(central, seededUniform(1));
    const models = descend({ clipNorm: 0.3, l2: 0.02 }, () => 0);
    expect([...entry(models, 0).parameters]).toEqual(closeTo(central, 5));
    for (const { parameters } of models) expect(parameters).toEqual(entry(models, 0).parameters);
  });

  it("has all of the noise once `sharers` have added their share, and room for it within the limit", () => {
    const seen: Step[] = [];
    const shares = { noiseMultiplier: 2, clipNorm: 0.3, samplingRate: 1e-9 };
    descend(shares, () => 1, seen);
    for (const { parts: asked } of seen) {
      const { values, limit } = entry(asked, 0);
      expect(3 * entry(values, 7) ** 2).toBeCloseTo((2 * 0.3) ** 2, 10);
      expect(limit).toBeGreaterThan(10 * entry(values, 7));
    }
  });

  it("uses no more rows of one participant than were agreed", () => {
    const most = descend({ mostRows: 12 }, () => 0);
    const few = [12, 12, 12, 1].map((count, index) => cutRows(entry(parts, index), [count])[0] ?? rows);
    const procedures = few.map((part) =>
      descendTogether(
        part,
        start,
        { ...common, mostRows: 12 },
        () => 0,
        () => 0,
      ),
    );
    expect(most).toEqual(runTogether(procedures, plainSum));
  });

  it.each<Partial<DescentTerms>>([
    { sharers: 0 },
    { rows: 0 },
    { mostRows: 0.5 },
    { mostParticipants: 0 },
    { steps: 0 },
  ])("refuses %j", (changed) => {
    expect(() => descend(changed, () => 0)).toThrow(RangeError);
  });
});
