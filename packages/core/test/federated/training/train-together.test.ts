import { describe, expect, it } from "vitest";
import { plainSum, runTogether } from "../../../src/federated/run-together.js";
import { LocalTrainer } from "../../../src/federated/training/local-trainer.js";
import { initialModel, type NetworkShape } from "../../../src/federated/training/network.js";
import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import type { TrainingTerms } from "../../../src/federated/training/terms.js";
import { trainTogether } from "../../../src/federated/training/train-together.js";
import { cutRows, entry, madeRows } from "./made-rows.js";

const logistic: NetworkShape = { widths: [4, 1], activation: "relu" };

/** One full-batch step a round, nothing clipped. */
const terms: TrainingTerms = {
  rounds: 3,
  mostParticipants: 10,
  strategy: { name: "fed-avg" },
  local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 1000 },
  weighting: { by: "rows", mostRows: 100 },
  clip: { norm: 10 },
};

function train(parts: readonly LabelledRows[], changed: Partial<TrainingTerms> = {}, shape = logistic) {
  const start = initialModel(shape, seededUniform(1));
  const procedures = parts.map((rows, index) =>
    trainTogether(rows, start, { ...terms, ...changed }, seededUniform(index)),
  );
  return runTogether(procedures, plainSum);
}

/** Full-batch gradient descent over all rows in one place. */
function descend(rows: LabelledRows, steps: number): { parameters: Float32Array; loss: number } {
  const parameters = initialModel(logistic, seededUniform(1)).parameters.slice();
  const trainer = new LocalTrainer(logistic, rows, { ...terms.local, epochs: steps });
  trainer.train(parameters, seededUniform(9));
  return { parameters, loss: trainer.meanLoss(parameters) };
}

function closeTo(expected: Float32Array, digits: number) {
  return [...expected].map((value) => expect.closeTo(value, digits));
}

describe("training together", () => {
  it("is gradient descent over all rows where each takes one full-batch step, also with uneven parts weighted by rows", () => {
    const rows = madeRows(200, 4, 5);
    const central = descend(rows, terms.rounds);
    for (const sizes of [[50, 50, 50, 50], [100, 60, 37, 2, 1], [200]]) {
      const weighting = { by: "rows", mostRows: Math.max(...sizes) } as const;
      const results = train(cutRows(rows, sizes), { weighting });
      expect([...entry(results, 0).model.parameters]).toEqual(closeTo(central.parameters, 5));
      expect(entry(results, 0).loss).toBeCloseTo(central.loss, 5);
    }
  });

  it("gives every participant the same model, bit for bit, and the same report", () => {
    const shape: NetworkShape = { widths: [4, 6, 1], activation: "tanh" };
    const results = train(cutRows(madeRows(90, 4, 3), [50, 30, 10]), { local: { optimiser: { name: "adam" } } }, shape);
    for (const { model, rounds, loss } of results) {
      expect(model.parameters).toEqual(entry(results, 0).model.parameters);
      expect(rounds).toEqual(entry(results, 0).rounds);
      expect(loss).toBeLessThan(entry(rounds, 0).loss ?? 0);
    }
  });
});
