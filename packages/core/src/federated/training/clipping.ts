import { normOf, scale } from "../vectors.js";
import { inRange } from "./range.js";
import type { ParticipantPrivacy } from "./terms.js";

/** How long a participant's update may be. */
export interface ClipTerms {
  /** The largest Euclidean norm of an update; where it adapts, of the first round. Above 0, at most 1e6. */
  readonly norm: number;
  readonly adaptive?: AdaptiveClip;
}

/**
 * Andrew, Thakkar, McMahan and Ramaswamy, "Differentially Private Learning with Adaptive Clipping", NeurIPS 2021, algorithm 1: the norm follows a quantile of the
 * participants' norms, learnt from one more value in each sum, whether this update was within the norm.
 */
export interface AdaptiveClip {
  /** The share of updates that should be within the norm, 0 to 1; 0.5 by default, the paper's. */
  readonly quantile?: number;
  /** The norm changes by a factor of exp(rate) a round at most; 0 to 1; 0.2 by default, the paper's. */
  readonly rate?: number;
  /** Under a participant's privacy: standard deviation of the noise in the *sum* of those values, 0.01 to 1e6; a twentieth of the sharers by default, the paper's. */
  readonly countDeviation?: number;
}

/** @throws RangeError for a term out of its range */
export function checkClip({ norm, adaptive }: ClipTerms): void {
  inRange("clip.norm", norm, { atLeast: Number.MIN_VALUE, atMost: 1e6 });
  if (!adaptive) return;
  const { quantile = 0.5, rate = 0.2, countDeviation: deviation = 1 } = adaptive;
  inRange("clip.adaptive.quantile", quantile, { atLeast: 0, atMost: 1 });
  inRange("clip.adaptive.rate", rate, { atLeast: 0, atMost: 1 });
  inRange("clip.adaptive.countDeviation", deviation, { atLeast: 0.01, atMost: 1e6 });
}

/** Standard deviation of the noise in the sum of "was within the norm". */
export function countDeviation({ sharers }: Pick<ParticipantPrivacy, "sharers">, adaptive: AdaptiveClip): number {
  return adaptive.countDeviation ?? sharers / 20;
}

/**
 * Noise of the update's sum over its norm. Where the norm adapts, two sums share one `noiseMultiplier` z, and the update bears what the count does not:
 * (z^-2 - (2 s)^-2)^-1/2 for the count's deviation s (theorem 1 of the paper).
 *
 * @throws RangeError where the count has less noise than the whole may have
 */
export function updateMultiplier({ noiseMultiplier, sharers }: ParticipantPrivacy, { adaptive }: ClipTerms): number {
  if (!adaptive) return noiseMultiplier;
  const deviation = countDeviation({ sharers }, adaptive);
  const left = precision(noiseMultiplier) - precision(2 * deviation);
  if (left > 0) return 1 / Math.sqrt(left);
  throw new RangeError(
    `clip.adaptive.countDeviation must be more than half the noiseMultiplier ${noiseMultiplier}, not ${deviation}.`,
  );
}

/** The `noiseMultiplier` that leaves this one to the update: the inverse of `updateMultiplier`. */
export function multiplierOfBoth(update: number, sharers: number, { adaptive }: ClipTerms): number {
  if (!adaptive) return update;
  return 1 / Math.sqrt(precision(update) + precision(2 * countDeviation({ sharers }, adaptive)));
}

/** Not by a power with a negative exponent, which engines round differently: noise is part of what all must ask for alike. */
function precision(deviation: number): number {
  return 1 / (deviation * deviation);
}

/**
 * The next round's norm: C exp(-rate (share - quantile)).
 *
 * @param share of updates that were within `norm`, as far as noise lets it be known: taken as 0 to 1
 */
export function adaptedNorm(norm: number, share: number, { quantile = 0.5, rate = 0.2 }: AdaptiveClip): number {
  return norm * exponential(-rate * (Math.min(1, Math.max(0, share)) - quantile));
}

/** e^x for -1 <= x <= 1 by its series. Not `Math.exp`, which engines round differently: all participants need the same norm. */
function exponential(x: number): number {
  let [sum, term] = [1, 1];
  for (let power = 1; power <= 20; power++) {
    term *= x / power;
    sum += term;
  }
  return sum;
}

/** Shortens `values` to a Euclidean norm of `norm`, in place. @returns whether they were within it */
export function clipTo(values: Float64Array, norm: number): boolean {
  const length = normOf(values);
  if (length > norm) scale(values, norm / length);
  return length <= norm;
}
