import type { GaussianSteps } from "./gaussian-steps.js";
import { fineStep } from "./grid-step.js";
import { type LossDistribution, LossGrid } from "./loss-distribution.js";
import { addedCurves, type PrivacyAim, noCurve } from "./renyi.js";
import { gaussianCurve } from "./renyi-gaussian.js";

/** Whether the record that makes the difference is taken away or added. The worse of both counts; neither is always the worse. */
export type Adjacency = "remove" | "add";

/** Noise beyond so many standard deviations counts as an infinite loss: a probability of 8e-24 for each step. */
const tail = 10;
const tailProbability = Math.exp((-tail * tail) / 2) / (tail * Math.sqrt(2 * Math.PI));
/** A grid has at most so many points for one step. */
const mostPoints = 2 ** 21;

/** Nodes and weights on [-1, 1] of the quadrature of Gauss and Legendre. */
interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}
const twoPoints: Quadrature = { nodes: [-0.5773502691896258, 0.5773502691896258], weights: [1, 1] };
const fivePoints: Quadrature = {
  nodes: [-0.906179845938664, -0.5384693101056831, 0, 0.5384693101056831, 0.906179845938664],
  weights: [0.23692688505618908, 0.47862867049936647, 0.5688888888888889, 0.47862867049936647, 0.23692688505618908],
};
/** A cell narrower than this part of the widest needs two points only: its error falls with the fourth power, to 1e-14. */
const narrow = 1 / 100;

/**
 * The step of a grid for these steps together, in nats: fine enough for all of them (see `fineStep`), and not too fine to be held.
 */
export function gridStep(parts: readonly GaussianSteps[], aim: PrivacyAim): number {
  const steps = parts.reduce((sum, part) => sum + part.steps, 0);
  const curve = parts.reduce((sum, part) => addedCurves(sum, gaussianCurve(part)), noCurve);
  const widest = Math.max(...parts.map((part) => lossAt(part, 1 + tail * part.noiseMultiplier) - lowestLoss(part)));
  return Math.max(fineStep(steps, curve, aim), widest / mostPoints);
}

/**
 * The losses of one step, on multiples of `gridStep` nats. With the record: a mixture of N(0, s^2) and N(1, s^2), without it:
 * N(0, s^2); this one-dimensional pair dominates the mechanism in any dimension (Zhu, Dong, Wang 2022, on Poisson
 * sampling, for both adjacencies). Integrals over each cell between neighbouring losses are by quadrature, correct to roundoff.
 */
export function gaussianLosses(part: GaussianSteps, adjacency: Adjacency, step: number): LossDistribution {
  const high = 1 + tail * part.noiseMultiplier;
  const low = -tail * part.noiseMultiplier;
  const sign = adjacency === "remove" ? 1 : -1;
  const [one, other] = [sign * lossAt(part, low), sign * lossAt(part, high)];
  const grid = new LossGrid(step, Math.min(one, other), Math.max(one, other));
  for (const [from, to] of cells(part, low, high, step)) {
    const half = (to - from) / 2;
    const { nodes, weights } = 2 * half < narrow * widestCell(part) ? twoPoints : fivePoints;
    for (let node = 0; node < nodes.length; node++) {
      const x = from + half * (1 + (nodes[node] as number));
      const loss = lossAt(part, x);
      const density = normalDensity(x, part.noiseMultiplier) * (adjacency === "remove" ? Math.exp(loss) : 1);
      grid.add(sign * loss, half * (weights[node] as number) * density);
    }
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
  const widest = widestCell(part);
  let index = Math.floor(lossAt(part, low) / step) + 1;
  for (let from = low; from < high; index++) {
    const end = Math.min(high, placeOf(part, index * step));
    const pieces = Math.max(1, Math.ceil((end - from) / widest));
    const width = (end - from) / pieces;
    for (let piece = 0; piece < pieces; piece++) yield [from + piece * width, from + (piece + 1) * width];
    from = Math.max(from, end);
  }
}

/** In a wider cell the density, or the loss, would bend too much for five points. */
function widestCell({ noiseMultiplier }: GaussianSteps): number {
  return Math.min(noiseMultiplier, noiseMultiplier ** 2) / 4;
}

function normalDensity(x: number, deviation: number): number {
  return Math.exp((-x * x) / (2 * deviation * deviation)) / (deviation * Math.sqrt(2 * Math.PI));
}
