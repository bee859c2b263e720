import { type Complex, inverseTransform, transform } from "./fourier.js";
import type { LossDistribution } from "./loss-distribution.js";
import type { PrivacyAim } from "./renyi.js";
import { aimedTilt, lowestPoint, Tilted } from "./tilt.js";

/** A mechanism's losses, and how often it is used, an integer >= 1. All that are composed have the same step. */
export interface RepeatedLosses {
  readonly losses: LossDistribution;
  readonly times: number;
}

/** What several mechanisms spend together. */
export interface PrivacyCurve {
  /** The least delta in [0, 1] with which they are (epsilon, delta)-private, from above. */
  deltaAt(epsilon: number): number;
  /** The least epsilon in [0, Infinity] with which they are (epsilon, delta)-private, from above. */
  epsilonAt(delta: number): number;
}

/** Probability, as a part of Chernoff's bound on delta, that may lie outside the window on either side. It is added to delta. */
const outside = 1e-10;
/** The unit of roundoff of a double. */
const roundoff = 2 ** -53;

/**
 * Composes mechanisms by one Fourier transform each: the transform of a sum of losses is the product of their transforms
 * (Koskela et al. 2020). The curve is an upper bound everywhere, and close to the truth near the aim. For that, losses are tilted by
 * exp(theta loss) first, theta being where Chernoff's bound meets the aim: so the window lies where delta is decided, and roundoff
 * is a part of delta and not of one. What falls out of the window is added to delta, and so is an estimate of the roundoff: four
 * units of it in the norm of the transform, for each use and each level of the transform.
 *
 * @throws RangeError where nothing is composed, steps differ, or a number of times is no integer >= 1.
 */
export function composeLosses(parts: readonly RepeatedLosses[], aim: PrivacyAim): PrivacyCurve {
  const step = commonStep(parts);
  const logFinite = parts.reduce((sum, { losses, times }) => sum + times * Math.log1p(-losses.infinite), 0);
  if (logFinite === -Infinity) return toldForCertain;
  const theta = aimedTilt(parts, aim);
  const tilted = parts.map(({ losses, times }) => ({ tilted: new Tilted(losses, theta), times }));
  const logMoment = tilted.reduce((sum, part) => sum + part.times * part.tilted.logMoment, 0);
  const window = windowOf(tilted);
  const { probabilities, error } = convolved(tilted, window);
  untilt(probabilities, (at) => logMoment - theta * step * (window.lowest + at));
  return curveOf({
    step,
    lowest: window.lowest,
    probabilities,
    infinite: -Math.expm1(logFinite),
    // of tilted probability, wherever it is: at losses > epsilon its weight is at most that of epsilon
    lost: (epsilon) => (2 * outside + error) * Math.exp(Math.min(700, logMoment - theta * epsilon)),
  });
}

/** What is spent where no loss is finite. */
const toldForCertain: PrivacyCurve = { deltaAt: () => 1, epsilonAt: (delta) => (delta >= 1 ? 0 : Infinity) };

interface TiltedPart {
  readonly tilted: Tilted;
  readonly times: number;
}

interface Window {
  readonly lowest: number;
  /** A power of two. */
  readonly length: number;
}

function commonStep(parts: readonly RepeatedLosses[]): number {
  const [first] = parts;
  if (!first) throw new RangeError("nothing to compose");
  for (const { losses, times } of parts) {
    if (losses.step !== first.losses.step)
      throw new RangeError(`losses on steps of ${losses.step} and ${first.losses.step} do not compose`);
    if (!Number.isSafeInteger(times) || times < 1) throw new RangeError(`${times} uses: an integer >= 1`);
  }
  return first.losses.step;
}

/** Grid points that hold all but `outside` of the sum on either side. */
function windowOf(parts: readonly TiltedPart[]): Window {
  const step = parts[0]?.tilted.losses.step ?? 1;
  const lowest = -Math.ceil(edgeOf(parts, -1) / step) - 1;
  const highest = Math.ceil(edgeOf(parts, 1) / step) + 1;
  return { lowest, length: 2 ** Math.ceil(Math.log2(highest - lowest + 1)) };
}

/** What the sum, or its negative, passes with a probability of at most `outside`: by Chernoff's bound, or never. */
function edgeOf(parts: readonly TiltedPart[], sign: 1 | -1): number {
  const most = parts.reduce((sum, { tilted, times }) => sum + times * (sign > 0 ? tilted.most : -tilted.least), 0);
  const deviation = Math.sqrt(parts.reduce((sum, { tilted, times }) => sum + times * tilted.variance, 0));
  if (deviation === 0) return most;
  const edge = (logT: number) => {
    const t = Math.exp(logT) / deviation;
    const moment = parts.reduce((sum, { tilted, times }) => sum + times * tilted.logMomentAt(sign * t), 0);
    return (moment - Math.log(outside)) / t;
  };
  return Math.min(most, edge(lowestPoint(edge, { low: -3, high: 5, within: 0.2 })));
}

/** The tilted probabilities of the sum within the window, and how far roundoff may have moved them in sum. */
function convolved(parts: readonly TiltedPart[], window: Window): { probabilities: Float64Array; error: number } {
  const { length } = window;
  const half = length / 2;
  const logs = { real: new Float64Array(half + 1), imaginary: new Float64Array(half + 1) };
  for (const { tilted, times } of parts) {
    const spectrum = { real: tilted.folded(length), imaginary: new Float64Array(length) };
    transform(spectrum);
    for (let at = 0; at <= half; at++) {
      const [real, imaginary] = [spectrum.real[at] as number, spectrum.imaginary[at] as number];
      logs.real[at] = (logs.real[at] as number) + 0.5 * times * Math.log(real * real + imaginary * imaginary);
      logs.imaginary[at] = (logs.imaginary[at] as number) + times * Math.atan2(imaginary, real);
    }
  }
  const sum = exponential(logs, length);
  const norm = Math.hypot(
    ...[sum.real, sum.imaginary].map((values) => Math.sqrt(values.reduce((s, v) => s + v * v, 0))),
  );
  inverseTransform(sum);
  const uses = parts.reduce((count, { times }) => count + times, 0);
  return { probabilities: unfolded(sum.real, window), error: 4 * roundoff * (uses + Math.log2(length)) * norm };
}

/** exp of the lower half of a spectrum, and the upper half that makes it that of real values. */
function exponential(logs: Complex, length: number): Complex {
  const [real, imaginary] = [new Float64Array(length), new Float64Array(length)];
  for (let at = 0; at <= length / 2; at++) {
    const size = Math.exp(logs.real[at] as number);
    const angle = logs.imaginary[at] as number;
    const mirror = (length - at) % length;
    real[mirror] = real[at] = size * Math.cos(angle);
    imaginary[at] = size * Math.sin(angle);
    if (mirror !== at) imaginary[mirror] = -size * Math.sin(angle);
  }
  return { real, imaginary };
}

/** Index k of the circle stands for the one loss of the window that is k modulo its length. */
function unfolded(circle: Float64Array, { lowest, length }: Window): Float64Array {
  const first = ((lowest % length) + length) % length;
  const values = new Float64Array(length);
  for (let at = 0; at < length; at++) values[at] = Math.max(0, circle[(first + at) % length] as number);
  return values;
}

function untilt(probabilities: Float64Array, logWeight: (at: number) => number): void {
  for (let at = 0; at < probabilities.length; at++) {
    const probability = probabilities[at] as number;
    if (probability > 0) probabilities[at] = Math.exp(Math.min(0, Math.log(probability) + logWeight(at)));
  }
}

interface Composed extends LossDistribution {
  /** What may be missing from delta at this epsilon. */
  readonly lost: (epsilon: number) => number;
}

/**
 * With two sums over all losses from each grid point up, of p and of p exp(grid point - loss), delta at any epsilon is one
 * subtraction. Nothing in them grows with the losses, so that epsilons of thousands do not overflow.
 */
function curveOf({ step, lowest, probabilities, infinite, lost }: Composed): PrivacyCurve {
  const length = probabilities.length;
  const above = new Float64Array(length + 1);
  const discounted = new Float64Array(length + 1);
  for (let at = length - 1; at >= 0; at--) {
    const p = probabilities[at] as number;
    above[at] = (above[at + 1] as number) + p;
    discounted[at] = Math.exp(-step) * (discounted[at + 1] as number) + p;
  }
  const deltaAt = (epsilon: number) => {
    const first = Math.min(length, Math.max(0, Math.floor(epsilon / step) + 1 - lowest));
    // none is above an infinite epsilon, and infinity times zero is no number
    const discount = first < length ? Math.exp(epsilon - step * (lowest + first)) : 0;
    const within = (above[first] as number) - discount * (discounted[first] as number);
    return Math.min(1, Math.max(0, within) + infinite + lost(epsilon));
  };
  return { deltaAt, epsilonAt: (delta) => leastEpsilon(deltaAt, delta) };
}

/** A larger epsilon is not told from an infinite one. */
const mostEpsilon = 1e6;

function leastEpsilon(deltaAt: (epsilon: number) => number, delta: number): number {
  if (delta >= 1 || deltaAt(0) <= delta) return 0;
  let [low, high] = [0, 1];
  while (deltaAt(high) > delta) {
    if (high > mostEpsilon) return Infinity;
    [low, high] = [high, high * 2];
  }
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (deltaAt(middle) > delta) low = middle;
    else high = middle;
  }
  return high;
}
