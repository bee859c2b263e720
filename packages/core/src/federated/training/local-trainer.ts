import { NetworkEngine } from "./engine.js";
import { type NetworkShape, parameterCount } from "./network.js";
import { type OptimiserTerms, optimiserOf } from "./optimisers.js";
import { inRange } from "./range.js";
import { checkRows, type LabelledRows } from "./rows.js";

/** How one participant trains by itself, within a round or without any. Plain data, agreed by all. */
export interface LocalTerms {
  readonly optimiser: OptimiserTerms;
  /** Passes over the rows, whole, 1 to 10,000; 1 by default. */
  readonly epochs?: number;
  /** Rows of a batch, whole, 1 to 1,048,576; 32 by default. The last of an epoch may be smaller. */
  readonly batchRows?: number;
  /** Weight of half the squared norm of all weights (not of biases) in the objective, 0 to 1,000; 0 by default. */
  readonly l2?: number;
  /** Weight of half the squared distance from where training began (FedProx's mu), 0 to 1,000; 0 by default. */
  readonly proximal?: number;
}

/** Rows of a batch at most, and what loss is measured in. */
const mostBatchRows = 1_048_576;
const measuredRows = 1024;

/** Trains models of one shape over one participant's rows. */
export class LocalTrainer {
  readonly #rows: LabelledRows;
  readonly #terms: Required<LocalTerms>;
  readonly #engine: NetworkEngine;
  readonly #gradient: Float32Array;
  readonly #order: Uint32Array;
  readonly #batch: { values: Float32Array; labels: Float32Array; count: number };

  /** @throws RangeError for rows or terms that cannot be used */
  constructor(shape: NetworkShape, rows: LabelledRows, terms: LocalTerms) {
    this.#terms = checked(terms);
    const count = parameterCount(shape);
    optimiserOf(terms.optimiser, 0);
    checkRows(rows, shape.widths[0]!);
    this.#rows = rows;
    const batchRows = Math.max(1, Math.min(this.#terms.batchRows, rows.labels.length));
    this.#engine = new NetworkEngine(shape, Math.max(batchRows, Math.min(measuredRows, rows.labels.length)));
    this.#gradient = new Float32Array(count);
    this.#order = Uint32Array.from(rows.labels.keys());
    this.#batch = {
      values: new Float32Array(batchRows * rows.columns),
      labels: new Float32Array(batchRows),
      count: 0,
    };
  }

  /**
   * Moves `parameters` by all epochs, with a fresh optimiser. Without rows nothing moves.
   *
   * @param random uniform in [0, 1): orders the rows of each epoch
   * @returns the mean loss of the last epoch's batches, each before its step; 0 without rows
   */
  train(parameters: Float32Array, random: () => number): number {
    const optimiser = optimiserOf(this.#terms.optimiser, parameters.length);
    const start = this.#terms.proximal > 0 ? parameters.slice() : undefined;
    let loss = 0;
    for (let epoch = 0; epoch < this.#terms.epochs; epoch++) {
      shuffle(this.#order, random);
      loss = 0;
      for (let from = 0; from < this.#order.length; from += this.#batch.labels.length) {
        this.#gather(from);
        loss += this.#engine.gradientOfLoss(parameters, this.#batch, this.#gradient);
        this.#finishGradient(parameters, start);
        optimiser.step(parameters, this.#gradient);
      }
    }
    return loss / Math.max(1, this.#order.length);
  }

  /** The mean loss of all rows, without regularisation; 0 without rows. */
  meanLoss(parameters: Float32Array): number {
    const { values, labels, columns } = this.#rows;
    let loss = 0;
    for (let from = 0; from < labels.length; from += measuredRows) {
      const to = Math.min(labels.length, from + measuredRows);
      const batch = { values: values.subarray(from * columns, to * columns), labels: labels.subarray(from, to) };
      loss += this.#engine.lossOf(parameters, { ...batch, count: to - from });
    }
    return loss / Math.max(1, labels.length);
  }

  #gather(from: number): void {
    const { values, labels, columns } = this.#rows;
    const batch = this.#batch;
    batch.count = Math.min(batch.labels.length, this.#order.length - from);
    for (let row = 0; row < batch.count; row++) {
      const source = this.#order[from + row]!;
      batch.labels[row] = labels[source]!;
      const [at, into] = [source * columns, row * columns];
      for (let column = 0; column < columns; column++) batch.values[into + column] = values[at + column]!;
    }
  }

  /** From the sum over the batch to the gradient of the objective. */
  #finishGradient(parameters: Float32Array, start: Float32Array | undefined): void {
    const { l2, proximal } = this.#terms;
    const scale = 1 / this.#batch.count;
    const gradient = this.#gradient;
    for (let at = 0; at < gradient.length; at++) gradient[at]! *= scale;
    if (l2 > 0) {
      for (const { weights, biases } of this.#engine.layers) {
        for (let at = weights; at < biases; at++) gradient[at]! += l2 * parameters[at]!;
      }
    }
    if (start) for (let at = 0; at < gradient.length; at++) gradient[at]! += proximal * (parameters[at]! - start[at]!);
  }
}

function checked({ optimiser, epochs = 1, batchRows = 32, l2 = 0, proximal = 0 }: LocalTerms): Required<LocalTerms> {
  inRange("epochs", epochs, { atLeast: 1, atMost: 10_000, whole: true });
  inRange("batchRows", batchRows, { atLeast: 1, atMost: mostBatchRows, whole: true });
  inRange("l2", l2, { atLeast: 0, atMost: 1000 });
  inRange("proximal", proximal, { atLeast: 0, atMost: 1000 });
  return { optimiser, epochs, batchRows, l2, proximal };
}

/** Fisher and Yates. */
function shuffle(order: Uint32Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
}
