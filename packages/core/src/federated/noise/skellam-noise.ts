import type { RandomWords } from "./random-words.js";
import { inParts, SymmetricTable } from "./symmetric-table.js";

/** Bits after the point in the arithmetic that makes a table. */
const fractionBits = 192n;
const one = 1n << fractionBits;
/** Bits after the point of a variance: enough for every double from the least variance on. */
const varianceBits = 64;
/** The variances of a table, in quanta squared: a larger one would not stay in a core's cache. */
const tableVariances = { least: 1e-3, most: 1e8 };
/** More draws for one value are not made: so the variance of noise is at most 10^10. */
const mostDraws = 100;
/** As many tables are kept: parts of a step differ in variance, and rounds have the same again. */
const keptTables = 8;

/**
 * Skellam noise: the difference of two independent Poisson variables of the same mean, so with mean zero. The sum of such noises is
 * again such a noise, its variance the sum of theirs, which is why it serves for secure sums.
 *
 * Drawn by an alias table whose probabilities are computed in integers of 192 bits and rounded to multiples of 2^-95. So each draw is
 * within 2^-77 of Skellam in total variation, the cut tails included, and a billion draws together within 2^-47: 7e-15, which is
 * not added to delta since delta itself is stated to fewer digits. Up to a variance of 10^8 a value takes one draw, beyond it
 * is the sum of several of equal variance.
 */
export class SkellamNoise {
  readonly #words: RandomWords;
  readonly #tables = new Map<number, SymmetricTable>();

  constructor(words: RandomWords) {
    this.#words = words;
  }

  /**
   * Adds independent noise to each integer, modulo 2^32. A variance that is new takes some milliseconds more, or a quarter of a
   * second for the largest.
   *
   * @param variance in quanta squared, from 0.001 to 10^10.
   * @throws RangeError where it is not.
   */
  addTo(integers: Int32Array, variance: number): void {
    const draws = drawsFor(variance);
    const table = this.#tableOf(variance / draws);
    const noise = new Int32Array(integers.length);
    for (let draw = 0; draw < draws; draw++) {
      table.drawInto(noise, this.#words);
      for (let at = 0; at < integers.length; at++) integers[at] = (integers[at] as number) + (noise[at] as number);
    }
  }

  #tableOf(variance: number): SymmetricTable {
    const known = this.#tables.get(variance);
    if (known) return known;
    const [oldest] = this.#tables.keys();
    if (oldest !== undefined && this.#tables.size === keptTables) this.#tables.delete(oldest);
    const table = new SymmetricTable(magnitudeProbabilities(variance));
    this.#tables.set(variance, table);
    return table;
  }
}

/** How many draws of equal variance make this one. */
function drawsFor(variance: number): number {
  const { least, most } = tableVariances;
  if (!(variance >= least && variance <= most * mostDraws))
    throw new RangeError(
      `a variance of ${variance}: from ${least} to ${most * mostDraws}, or the quantum is too small`,
    );
  return Math.ceil(variance / most);
}

/**
 * P(|X| = k) for k = 0, 1, ... as integers that add up to 2^95: exp(-mu) I_k(mu), twice for k > 0, where mu is the variance. Ratios of
 * neighbouring Bessel functions by I_(k-1) = (2k / mu) I_k + I_(k+1) from above, where errors shrink.
 */
export function magnitudeProbabilities(variance: number): bigint[] {
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
