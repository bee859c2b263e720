import type { RandomWords } from "./random-words.js";
import { inParts, SymmetricTable } from "./symmetric-table.js";

/** Bits after the point in the arithmetic that makes the table. */
const fractionBits = 192n;
const one = 1n << fractionBits;
/** Standard deviation of one draw of the table, and by how much the first of two draws is multiplied. */
const tableDeviation = 1024;
const spread = 128;
/** Values are on a grid of which the noise's standard deviation is this many steps: about 131,076. */
const gridSteps = tableDeviation * Math.hypot(1, spread);

/**
 * Gaussian noise that hides what floating point would tell. The last bits of a normal variable in floating point, added to a value,
 * betray the value (Mironov, "On significance of the least significant bits for differential privacy", CCS 2012). So there is none:
 * the value is rounded to a grid, 131,076 steps to a standard deviation, and an integer number of steps is added.
 *
 * The integer is 128 X + Y for two independent discrete Gaussians of deviation 1024 from an exact table. Y is so wide against 128
 * that the sum is a discrete Gaussian but for exp(-1000) (Micciancio and Walter 2017, on convolutions of discrete Gaussians), and its
 * Renyi divergences are at most those of the continuous one (Canonne, Kamath, Steinke 2020). Loss distributions are those of
 * the continuous one: z deviations out, a probability is off from that of a rounded normal variable by its part
 * (z^2 - 1) / (24 * 131,076^2), so that n values together are within 2e-12 sqrt(n) of it in total variation, 6e-8 for a billion.
 *
 * Rounding may move two neighbouring sums apart: charge `chargedNoiseMultiplier`. For noise that several participants add up, take
 * `SkellamNoise`: a sum of rounded Gaussians has no such grid of its own.
 */
export class GaussianNoise {
  readonly #table = new SymmetricTable(discreteGaussian(tableDeviation));
  readonly #words: RandomWords;

  constructor(words: RandomWords) {
    this.#words = words;
  }

  /**
   * Rounds each value to the grid and adds noise to it, in place. The grid follows from `deviation` alone.
   *
   * @param deviation the noise's standard deviation, > 0.
   * @throws RangeError where it is not, or a value is not finite or more than 2^34 deviations.
   */
  addTo(values: Float64Array | Float32Array, deviation: number): void {
    const step = deviation / gridSteps;
    if (!(step > 0) || !Number.isFinite(step)) throw new RangeError(`a deviation of ${deviation}: a finite number > 0`);
    const [coarse, fine] = [new Int32Array(values.length), new Int32Array(values.length)];
    this.#table.drawInto(coarse, this.#words);
    this.#table.drawInto(fine, this.#words);
    for (let at = 0; at < values.length; at++) {
      const place = Math.round((values[at] as number) / step);
      if (!(Math.abs(place) <= 2 ** 51)) throw new RangeError(`a value of ${values[at]} with noise of ${deviation}`);
      values[at] = (place + spread * (coarse[at] as number) + (fine[at] as number)) * step;
    }
  }
}

/**
 * The noise multiplier to charge where `GaussianNoise` is added to a vector of this many values: a little less than that of the
 * noise, because rounding may add one grid step to the difference in each value, and so the steps' norm to the sensitivity.
 *
 * @param noiseMultiplier the deviation of the noise over the clipping norm, > 0.
 */
export function chargedNoiseMultiplier(noiseMultiplier: number, dimension: number): number {
  return noiseMultiplier / (1 + (noiseMultiplier * Math.sqrt(dimension)) / gridSteps);
}

/** P(|X| = k), in proportion to exp(-k^2 / 2 s^2), as integers that add up to 2^95; what is cut off has less than 2^-100. */
function discreteGaussian(deviation: number): bigint[] {
  const base = exponential(2n * BigInt(deviation) ** 2n);
  const square = (base * base) >> fractionBits;
  let [weight, factor] = [one, base];
  const weights = [weight];
  for (let k = 1; k <= 12 * deviation; k++) {
    // exp(-(k^2 - (k - 1)^2) / 2 s^2), and that is the base to the power of 2k - 1
    weight = (weight * factor) >> fractionBits;
    factor = (factor * square) >> fractionBits;
    weights.push(2n * weight);
  }
  return inParts(weights);
}

/** exp(-1 / inverse), by its series. */
function exponential(inverse: bigint): bigint {
  let [sum, term] = [one, one];
  for (let n = 1n; term !== 0n; n++) {
    term = -term / (n * inverse);
    sum += term;
  }
  return sum;
}
