import { type LossDistribution, LossGrid } from "./loss-distribution.js";

/**
 * Equal steps of the Poisson-subsampled Gaussian mechanism, as in DP-SGD: in each step every record takes part with probability
 * `samplingRate`, independently of all others and of the other steps, and normal noise is added to the sum of those that do.
 * Neighbours differ by one record that is there or not. What a step uses must be fixed before it, not chosen from what steps showed.
 */
export interface GaussianSteps {
  /** Standard deviation of the noise as a multiple of the largest Euclidean norm of what one record adds: > 0. */
  readonly noiseMultiplier: number;
  /** Probability in (0, 1]; 1 is the plain Gaussian mechanism. */
  readonly samplingRate: number;
  /** How many steps: an integer in [1, 10 million]. */
  readonly steps: number;
}

/** Whether the record that makes the difference is taken away or added. The worse of both counts; neither is always the worse. */
export type Adjacency = "remove" | "add";

/** More steps are refused: the grid that they need does not fit. */
const mostSteps = 1e7;
/** Noise beyond so many standard deviations counts as an infinite loss: a probability of 8e-24 for each step. */
const tail = 10;
const tailProbability = Math.exp((-tail * tail) / 2) / (tail * Math.sqrt(2 * Math.PI));
/** Of the standard deviation of the sum of losses: what the grid may add to it by rounding. */
const coarseness = { variance: 0.04, mean: 0.06 };
/** A grid has at most so many points for one step. */
const mostPoints = 2 ** 21;

/** Nodes and weights of Gauss and Legendre for five points on [-1, 1]. */
const nodes = [-0.906179845938664, -0.5384693101056831, 0, 0.5384693101056831, 0.906179845938664];
const weights = [
  0.23692688505618908, 0.47862867049936647, 0.5688888888888889, 0.47862867049936647, 0.23692688505618908,
];

/** @throws RangeError where a parameter is outside its range. */
export function requireGaussian({ noiseMultiplier, samplingRate, steps }: GaussianSteps): void {
  if (!(noiseMultiplier > 0) || !Number.isFinite(noiseMultiplier))
    throw new RangeError(`a noise multiplier of ${noiseMultiplier}: a finite number > 0`);
  if (!(samplingRate > 0 && samplingRate <= 1)) throw new RangeError(`a sampling rate of ${samplingRate}: in (0, 1]`);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > mostSteps)
    throw new RangeError(`${steps} steps: an integer from 1 to ${mostSteps}`);
}

/**
 * A grid so fine that rounding moves the composed epsilon by less than about a thousandth. Rounding a loss adds at most h^2/4 to
 * its variance and about h^2/12 to its mean; over T steps these are kept small against the spread of the sum of losses.
 */
export function gridStep(parts: readonly GaussianSteps[]): number {
  const steps = parts.reduce((sum, part) => sum + part.steps, 0);
  const variance = parts.reduce((sum, part) => sum + part.steps * lossVariance(part), 0);
  const deviation = Math.sqrt(variance);
  const fine = Math.min(
    (coarseness.variance * deviation) / Math.sqrt(steps),
    coarseness.mean * Math.sqrt(deviation / steps),
  );
  const widest = Math.max(...parts.map((part) => lossAt(part, 1 + tail * part.noiseMultiplier) - lowestLoss(part)));
  return Math.max(fine, widest / mostPoints);
}

/**
 * The losses of one step, on multiples of `gridStep` nats. With the record: a mixture of N(0, s^2) and N(1, s^2), without it:
 * N(0, s^2); this one-dimensional pair dominates the mechanism in any dimension (Zhu, Dong, Wang 2022, theorem 11, for both
 * adjacencies). Integrals over each cell between neighbouring losses are by quadrature, correct to roundoff.
 */
export function gaussianLosses(part: GaussianSteps, adjacency: Adjacency, step: number): LossDistribution {
  const high = 1 + tail * part.noiseMultiplier;
  const low = -tail * part.noiseMultiplier;
  const sign = adjacency === "remove" ? 1 : -1;
  const [one, other] = [sign * lossAt(part, low), sign * lossAt(part, high)];
  const grid = new LossGrid(step, Math.min(one, other), Math.max(one, other));
  for (const [from, to] of cells(part, low, high, step))
    for (let node = 0; node < nodes.length; node++) {
      const half = (to - from) / 2;
      const x = from + half * (1 + (nodes[node] as number));
      const loss = lossAt(part, x);
      const density = normalDensity(x, part.noiseMultiplier) * (adjacency === "remove" ? Math.exp(loss) : 1);
      grid.add(sign * loss, half * (weights[node] as number) * density);
    }
  // both tails
  grid.addInfinite(2 * tailProbability);
  return grid.done();
}

/** The loss at x, for removal: log(1 - q + q exp((2x - 1) / 2s^2)). */
function lossAt({ noiseMultiplier, samplingRate }: GaussianSteps, x: number): number {
  const exponent = (2 * x - 1) / (2 * noiseMultiplier * noiseMultiplier);
  if (samplingRate === 1) return exponent;
  if (exponent > 30) return exponent + Math.log(samplingRate + (1 - samplingRate) * Math.exp(-exponent));
  return Math.log1p(samplingRate * Math.expm1(exponent));
}

/** Where the loss is `loss`; minus infinity where it never is so low. */
function placeOf({ noiseMultiplier, samplingRate }: GaussianSteps, loss: number): number {
  const inner = Math.expm1(loss) / samplingRate;
  const exponent = samplingRate === 1 ? loss : inner <= -1 ? -Infinity : Math.log1p(inner);
  return exponent * noiseMultiplier * noiseMultiplier + 0.5;
}

function lowestLoss(part: GaussianSteps): number {
  return lossAt(part, -tail * part.noiseMultiplier);
}

/** Pieces of the line in which neither the loss crosses a grid point nor the density bends much. */
function* cells(part: GaussianSteps, low: number, high: number, step: number): Generator<readonly [number, number]> {
  const widest = Math.min(part.noiseMultiplier, part.noiseMultiplier ** 2) / 4;
  let index = Math.floor(lossAt(part, low) / step) + 1;
  for (let from = low; from < high; index++) {
    const end = Math.min(high, placeOf(part, index * step));
    const pieces = Math.max(1, Math.ceil((end - from) / widest));
    const width = (end - from) / pieces;
    for (let piece = 0; piece < pieces; piece++) yield [from + piece * width, from + (piece + 1) * width];
    from = Math.max(from, end);
  }
}

function normalDensity(x: number, deviation: number): number {
  return Math.exp((-x * x) / (2 * deviation * deviation)) / (deviation * Math.sqrt(2 * Math.PI));
}

/** Of the loss of one step with the record, in nats squared. */
function lossVariance(part: GaussianSteps): number {
  const { noiseMultiplier } = part;
  const width = Math.min(noiseMultiplier, noiseMultiplier ** 2) / 8;
  let [mean, square] = [0, 0];
  for (let x = -tail * noiseMultiplier; x < 1 + tail * noiseMultiplier; x += width) {
    const loss = lossAt(part, x);
    const probability = width * normalDensity(x, noiseMultiplier) * Math.exp(loss);
    mean += probability * loss;
    square += probability * loss * loss;
  }
  return square - mean * mean;
}
