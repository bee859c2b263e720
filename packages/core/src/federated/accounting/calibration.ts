import { gaussianEpsilon } from "./gaussian.js";
import type { GaussianSteps } from "./gaussian-steps.js";
import { renyiEpsilon } from "./renyi.js";
import { gaussianCurve } from "./renyi-gaussian.js";
import { skellamCurve, type SkellamSum } from "./skellam.js";

/** What may be spent: epsilon in nats, > 0, and delta in (0, 1). */
export interface PrivacyTarget {
  readonly epsilon: number;
  readonly delta: number;
}

/** Values looked for lie between these, so that a mistake ends. */
const leastNoise = 1e-3;
const mostNoise = 1e9;
/** A noise multiplier is at most this much larger than needed, as a part of it. */
const tightness = 5e-4;

/**
 * The least noise multiplier with which these steps keep to the target, by bisection on `gaussianEpsilon`; what is returned has
 * been found to keep to it. Renyi accounting says first where to look.
 *
 * @throws RangeError where a parameter is outside its range, or no noise is enough.
 */
export function noiseMultiplierFor(steps: Omit<GaussianSteps, "noiseMultiplier">, target: PrivacyTarget): number {
  requireTarget(target);
  const at = (noiseMultiplier: number) => ({ ...steps, noiseMultiplier });
  const sufficient = (noise: number) => gaussianEpsilon([at(noise)], target.delta) <= target.epsilon;
  let high = leastWith((noise) => renyiEpsilon(gaussianCurve(at(noise)), target.delta) <= target.epsilon, 1e-2);
  let low = high * 0.9;
  for (; low > leastNoise && sufficient(low); low *= 0.9) high = low;
  return narrowed({ low, high }, sufficient, tightness);
}

/**
 * The least variance of the noise in each of these sums with which they keep to the target together. For what each participant
 * adds, see `varianceOfParticipant`.
 *
 * @param sums how many sums are released: rounds, times what each of them sums, >= 1.
 * @throws RangeError where a parameter is outside its range, or no noise is enough.
 */
export function skellamVarianceFor(norms: Omit<SkellamSum, "variance">, sums: number, target: PrivacyTarget): number {
  requireTarget(target);
  const sufficient = (deviation: number) =>
    renyiEpsilon(skellamCurve({ ...norms, variance: deviation ** 2 }, sums), target.delta) <= target.epsilon;
  return leastWith(sufficient, 1e-6) ** 2;
}

/** @throws RangeError where epsilon or delta is outside its range. */
export function requireTarget({ epsilon, delta }: PrivacyTarget): void {
  if (!(epsilon > 0) || !Number.isFinite(epsilon))
    throw new RangeError(`an epsilon of ${epsilon}: a finite number > 0`);
  if (!(delta > 0 && delta < 1)) throw new RangeError(`a delta of ${delta}: in (0, 1)`);
}

/** The least amount that is sufficient, from above and within `within` of itself, where more is never worse. */
function leastWith(sufficient: (amount: number) => boolean, within: number): number {
  let high = leastNoise;
  while (!sufficient(high)) {
    high *= 4;
    if (high > mostNoise) throw new RangeError(`no noise up to ${mostNoise} is enough: epsilon or delta is too small`);
  }
  return narrowed({ low: high / 4, high }, sufficient, within);
}

function narrowed(
  { low, high }: { low: number; high: number },
  sufficient: (amount: number) => boolean,
  within: number,
): number {
  while (high / low > 1 + within) {
    const middle = Math.sqrt(low * high);
    if (sufficient(middle)) high = middle;
    else low = middle;
  }
  return high;
}
