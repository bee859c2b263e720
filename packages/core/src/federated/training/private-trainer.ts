import { layersOf, type NetworkShape } from "./network.js";
import { type Optimiser, type OptimiserTerms, optimiserOf } from "./optimisers.js";
import { ClippedSampler, checkRowBounds, type RowBounds } from "./private-gradient.js";
import { inRange } from "./range.js";
import type { LabelledRows } from "./rows.js";

/**
 * DP-SGD: Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar and Zhang, "Deep Learning with Differential Privacy", CCS 2016, algorithm 1. It protects each row (add or
 * remove one). What it costs is the accountant's to say: the Poisson-sampled Gaussian mechanism at `samplingRate` and `noiseMultiplier`, once a step.
 */
export interface PrivateTerms extends RowBounds {
  readonly optimiser: OptimiserTerms;
  /** Whole, 1 to 1,000,000. */
  readonly steps: number;
  /** Standard deviation of the noise in a step's sum over `clipNorm`, the paper's sigma: 0 (then nothing is private) to 1,000. */
  readonly noiseMultiplier: number;
  /** Weight of half the squared norm of all weights (not of biases), 0 to 1,000; 0 by default. It depends on no row, so it costs nothing. */
  readonly l2?: number;
}

/** @throws RangeError for a term out of its range */
export function checkPrivateTerms({ steps, noiseMultiplier, l2 = 0, optimiser, ...bounds }: PrivateTerms): void {
  checkRowBounds(bounds);
  inRange("steps", steps, { atLeast: 1, atMost: 1_000_000, whole: true });
  inRange("noiseMultiplier", noiseMultiplier, { atLeast: 0, atMost: 1000 });
  inRange("l2", l2, { atLeast: 0, atMost: 1000 });
  optimiserOf(optimiser, 0);
}

/** Takes steps against noisy sums of clipped gradients. */
export class PrivateSteps {
  readonly #shape: NetworkShape;
  readonly #l2: number;
  readonly #optimiser: Optimiser;
  readonly #gradient: Float32Array;

  constructor(shape: NetworkShape, { optimiser, l2 = 0 }: Pick<PrivateTerms, "optimiser" | "l2">, count: number) {
    this.#shape = shape;
    this.#l2 = l2;
    this.#optimiser = optimiserOf(optimiser, count);
    this.#gradient = new Float32Array(count);
  }

  /**
   * One step of the optimiser.
   *
   * @param noisySum noise included
   * @param expectedRows what the sum is divided by: the *expected* size of the sample, since the true one is not public
   */
  step(parameters: Float32Array, noisySum: Float64Array, expectedRows: number): void {
    const gradient = this.#gradient;
    for (let at = 0; at < gradient.length; at++) gradient[at] = noisySum[at]! / expectedRows;
    if (this.#l2 > 0) {
      for (const { weights, biases } of layersOf(this.#shape)) {
        for (let at = weights; at < biases; at++) gradient[at]! += this.#l2 * parameters[at]!;
      }
    }
    this.#optimiser.step(parameters, gradient);
  }
}

/** Adds noise of standard deviation `deviation` to each value, in place. @param normal standard normal */
export function addNoise(values: Float64Array, deviation: number, normal: () => number): void {
  if (deviation > 0) for (let at = 0; at < values.length; at++) values[at]! += deviation * normal();
}

/** Trains models of one shape on one participant's rows, so that its model says little of any row. */
export class PrivateTrainer {
  readonly #shape: NetworkShape;
  readonly #terms: PrivateTerms;
  readonly #sampler: ClippedSampler;
  readonly #expectedRows: number;
  readonly #normal: () => number;

  /**
   * @param normal standard normal, from secret randomness
   * @throws RangeError for rows or terms that cannot be used
   */
  constructor(shape: NetworkShape, rows: LabelledRows, terms: PrivateTerms, normal: () => number) {
    checkPrivateTerms(terms);
    this.#shape = shape;
    this.#terms = terms;
    this.#sampler = new ClippedSampler(shape, rows, terms);
    this.#expectedRows = terms.samplingRate * rows.labels.length;
    this.#normal = normal;
  }

  /** Moves `parameters` by all steps, with a fresh optimiser. Without rows nothing moves. @param random uniform in [0, 1), secret */
  train(parameters: Float32Array, random: () => number): void {
    if (this.#expectedRows === 0) return;
    const { clipNorm, noiseMultiplier, steps } = this.#terms;
    const moves = new PrivateSteps(this.#shape, this.#terms, parameters.length);
    for (let step = 0; step < steps; step++) {
      const sum = this.#sampler.sum(parameters, random);
      addNoise(sum, noiseMultiplier * clipNorm, this.#normal);
      moves.step(parameters, sum, this.#expectedRows);
    }
  }
}
