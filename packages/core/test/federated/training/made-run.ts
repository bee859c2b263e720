import type { Step } from "../../../src/federated/procedure.js";
import { plainSum, runTogether, type StepSum } from "../../../src/federated/run-together.js";
import { initialModel, type NetworkShape } from "../../../src/federated/training/network.js";
import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import type { TrainingTerms } from "../../../src/federated/training/terms.js";
import { trainTogether } from "../../../src/federated/training/train-together.js";

export const logistic: NetworkShape = { widths: [4, 1], activation: "relu" };
export const network: NetworkShape = { widths: [4, 6, 1], activation: "tanh" };

/** One full-batch step a round, nothing clipped. */
export const terms = {
  rounds: 3,
  mostParticipants: 10,
  strategy: { name: "fed-avg" },
  local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 1000 },
  weighting: { by: "rows", mostRows: 100 },
  clip: { norm: 10 },
} as const satisfies TrainingTerms;

export interface Changes {
  readonly terms?: Partial<TrainingTerms>;
  readonly shape?: NetworkShape;
  readonly sum?: StepSum;
}

/** Trains together in one process, each participant with its own seed. */
export function train(
  parts: readonly LabelledRows[],
  { terms: changed, shape = logistic, sum = plainSum }: Changes = {},
) {
  const start = initialModel(shape, seededUniform(1));
  const procedures = parts.map((rows, index) =>
    trainTogether(rows, start, { ...terms, ...changed }, { uniform: seededUniform(index) }),
  );
  return runTogether(procedures, sum);
}

/** `plainSum`, and all steps that went through it. */
export function recorded(): { steps: Step[][]; sum: StepSum } {
  const steps: Step[][] = [];
  return {
    steps,
    sum: (asked) => {
      steps.push([...asked]);
      return plainSum(asked);
    },
  };
}

export function normOf(values: Iterable<number>): number {
  return Math.hypot(...values);
}
