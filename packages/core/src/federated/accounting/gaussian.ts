import { composeLosses, type PrivacyCurve } from "./composition.js";
import { type Adjacency, gaussianLosses, gridStep } from "./gaussian-losses.js";
import { type GaussianSteps, requireGaussian } from "./gaussian-steps.js";
import { type PrivacyAim, requireAim } from "./renyi.js";

/**
 * The least epsilon with which all these steps together are (epsilon, delta)-private: an upper bound, usually within 0.1% of the
 * truth where it is above 0.01, for a record that is added or removed, whichever is worse. By privacy loss distributions (see `composeLosses`).
 *
 * @param delta in (0, 1).
 * @throws RangeError where a parameter is outside its range.
 */
export function gaussianEpsilon(parts: readonly GaussianSteps[], delta: number): number {
  return Math.max(...curves(parts, { delta }).map((curve) => curve.epsilonAt(delta)));
}

/**
 * The least delta with which all these steps together are (epsilon, delta)-private: an upper bound, as `gaussianEpsilon`.
 *
 * @param epsilon in nats, >= 0.
 * @throws RangeError where a parameter is outside its range.
 */
export function gaussianDelta(parts: readonly GaussianSteps[], epsilon: number): number {
  return Math.max(...curves(parts, { epsilon }).map((curve) => curve.deltaAt(epsilon)));
}

/** One curve for a record removed from everything, and one for a record added to everything. */
function curves(parts: readonly GaussianSteps[], aim: PrivacyAim): PrivacyCurve[] {
  requireAim(aim);
  for (const part of parts) requireGaussian(part);
  const step = gridStep(parts, aim);
  // without subsampling both are the same
  const adjacencies: Adjacency[] = parts.every(({ samplingRate }) => samplingRate === 1)
    ? ["remove"]
    : ["remove", "add"];
  return adjacencies.map((adjacency) => {
    const repeated = parts.map((part) => ({ losses: gaussianLosses(part, adjacency, step), times: part.steps }));
    return composeLosses(repeated, aim);
  });
}
