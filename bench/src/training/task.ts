import { type LabelledRows, type Model, initialModel, type NetworkShape, seededUniform } from "@aegis-pool/core";

/** What both engines train: the same network from the same weights, over the same batches in the same order, by the same optimiser. */
export interface TrainingTask {
  readonly rows: LabelledRows;
  readonly start: Model;
  readonly batchRows: number;
  readonly epochs: number;
  readonly adam: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
}

/** What came of training once. */
export interface Trained {
  readonly ms: number;
  /** Mean loss of all rows afterwards. */
  readonly loss: number;
}

const shape: NetworkShape = { widths: [24, 64, 32, 1], activation: "relu" };

/** 20,000 rows of 24 columns whose label depends on products of columns, which no logistic regression finds. */
export function trainingTask(seed: number): TrainingTask {
  const random = seededUniform(seed);
  const [count, columns] = [20_000, 24];
  const values = Float32Array.from({ length: count * columns }, () => 2 * random() - 1);
  const labels = Float32Array.from({ length: count }, (_, row) => {
    const [a = 0, b = 0, c = 0] = values.subarray(row * columns);
    return random() < 1 / (1 + Math.exp(-4 * a * b - 2 * c)) ? 1 : 0;
  });
  return {
    rows: { values, labels, columns },
    start: initialModel(shape, random),
    batchRows: 256,
    epochs: 5,
    adam: { learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  };
}
