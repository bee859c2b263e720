import type { RandomWords } from "./random-words.js";
import { inParts, SymmetricTable } from "./symmetric-table.js";

/** Bits after the point in the arithmetic that makes the table. */
const fractionBits = 192n;
const one = 1n << fractionBits;
/** Bits after the point of the variance: enough for every double from the least variance on. */
const varianceBits = 64;
/** The variances that a table can be made for, in quanta squared: beyond, it would not stay in a core's cache. */
export const leastSkellamVariance = 1e-3;
export const mostSkellamVariance = 1e8;

/**
 * Skellam noise: the difference of two independent Poisson variables of the same mean, here of variance `variance` and mean zero. The
 * sum of such noises is again such a noise, its variance the sum of theirs, which is why it serves for secure sums.
 *
 * Drawn by an alias table whose probabilities are computed in integers of 192 bits and rounded to multiples of 2^-95. So each draw is
 * within 2^-77 of Skellam in total variation, the cut tails included, for every variance allowed, and a billion draws within
 * 2^-47: 7e-15, which is not added to delta since delta itself is stated to fewer digits.
 */
export class SkellamNoise {
  readonly #table: SymmetricTable;

  /**
   * @param variance in quanta squared, in [0.001, 10^8].
   * @throws RangeError where it is not.
   */
  constructor(variance: number) {
    this.#table = new SymmetricTable(magnitudeProbabilities(variance));
  }

  /** Fills `values` with independent noise. */
  drawInto(values: Int32Array, words: RandomWords): void {
    this.#table.drawInto(values, words);
  }
}

/**
 * P(|X| = k) for k = 0, 1, ... as integers that add up to 2^95: exp(-mu) I_k(mu), twice for k > 0. Ratios of neighbouring Bessel
 * functions by I_(k-1) = (2k / mu) I_k + I_(k+1) from above, where errors shrink.
 */
export function magnitudeProbabilities(variance: number): bigint[] {
  if (!(variance >= leastSkellamVariance && variance <= mostSkellamVariance))
    throw new RangeError(`a variance of ${variance}: in [${leastSkellamVariance}, ${mostSkellamVariance}]`);
  let weight = one;
  const weights = [weight];
  for (const ratio of besselRatios(variance)) {
    weight = (weight * ratio) >> fractionBits;
    weights.push(2n * weight);
  }
  return inParts(weights);
}

/** I_k / I_(k-1) at `variance`, for k = 1, 2, ... up to where what is beyond has a probability below 2^-100. */
function besselRatios(variance: number): bigint[] {
  // Bernstein: P(|X| >= k) <= 2 exp(-k^2 / 2 (mu + k / 3))
  const most = Math.ceil(60 + 12.5 * Math.sqrt(variance));
  const mean = BigInt(variance * 2 ** varianceBits);
  const ratios: bigint[] = [];
  let ratio = 0n;
  for (let k = most; k > 0; k--) {
    const slope = (BigInt(2 * k) << (fractionBits + BigInt(varianceBits))) / mean;
    ratio = (one << fractionBits) / (slope + ratio);
    ratios.push(ratio);
  }
  return ratios.toReversed();
}
