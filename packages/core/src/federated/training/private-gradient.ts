import { add } from "../vectors.js";
import { NetworkEngine } from "./engine.js";
import { type NetworkShape, parameterCount } from "./network.js";
import { clipRows } from "./per-example.js";
import { inRange } from "./range.js";
import { checkRows, type LabelledRows } from "./rows.js";

/** What bounds the influence of one row on one step. */
export interface RowBounds {
  /** The probability with which a row takes part in a step, each by itself: above 0, at most 1. */
  readonly samplingRate: number;
  /** The largest Euclidean norm of one row's gradient, above 0, at most 1e6. */
  readonly clipNorm: number;
}

/** Rows that are worked on together. */
const batchRows = 256;

/** @throws RangeError for a bound out of its range */
export function checkRowBounds({ samplingRate, clipNorm }: RowBounds): void {
  inRange("samplingRate", samplingRate, { atLeast: Number.MIN_VALUE, atMost: 1 });
  inRange("clipNorm", clipNorm, { atLeast: Number.MIN_VALUE, atMost: 1e6 });
}

/**
 * Sums of clipped gradients over Poisson samples of one participant's rows: without the noise that makes them private. Each row is in a sample with the sampling rate,
 * whatever the others do, so that samples differ in size and may be empty; a shuffled batch of fixed size would not be what the accountant assumes.
 */
export class ClippedSampler {
  readonly #rows: LabelledRows;
  readonly #bounds: RowBounds;
  readonly #engine: NetworkEngine;
  readonly #gradient: Float32Array;
  readonly #batch: { values: Float32Array; labels: Float32Array; count: number };

  /** @throws RangeError for rows or bounds that cannot be used */
  constructor(shape: NetworkShape, rows: LabelledRows, bounds: RowBounds) {
    checkRowBounds(bounds);
    checkRows(rows, shape.widths[0]!);
    this.#rows = rows;
    this.#bounds = bounds;
    this.#engine = new NetworkEngine(shape, batchRows);
    this.#gradient = new Float32Array(parameterCount(shape));
    this.#batch = { values: new Float32Array(batchRows * rows.columns), labels: new Float32Array(batchRows), count: 0 };
  }

  /**
   * One sample's sum; all zeros for an empty one.
   *
   * @param random uniform in [0, 1) and, where privacy is wanted, impossible to guess: who knows the sample has no benefit of sampling to fear
   */
  sum(parameters: Float32Array, random: () => number): Float64Array {
    const sum = new Float64Array(parameters.length);
    const { labels } = this.#rows;
    for (let row = 0; row < labels.length; row++) {
      if (random() < this.#bounds.samplingRate) this.#take(row);
      if (this.#batch.count === batchRows) this.#addBatch(parameters, sum);
    }
    if (this.#batch.count > 0) this.#addBatch(parameters, sum);
    return sum;
  }

  #take(row: number): void {
    const { values, labels, columns } = this.#rows;
    const batch = this.#batch;
    batch.labels[batch.count] = labels[row]!;
    batch.values.set(values.subarray(row * columns, (row + 1) * columns), batch.count * columns);
    batch.count++;
  }

  #addBatch(parameters: Float32Array, sum: Float64Array): void {
    this.#engine.backward(parameters, this.#batch);
    clipRows(this.#engine, this.#batch, this.#bounds.clipNorm);
    this.#engine.sumRows(this.#batch, this.#gradient);
    add(sum, this.#gradient);
    this.#batch.count = 0;
  }
}
