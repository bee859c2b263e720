import { gaussianEpsilon } from "./gaussian.js";
import { type GaussianSteps, leastNoiseMultiplier, mostNoiseMultiplier } from "./gaussian-steps.js";
import { renyiEpsilon } from "./renyi.js";
import { gaussianCurve } from "./renyi-gaussian.js";
import { skellamCurve, type SkellamSum } from "./skellam.js";

/** What may be spent: epsilon in nats, > 0, and delta in (0, 1). */
export interface PrivacyTarget {
  readonly epsilon: number;
  readonly delta: number;
}

/** Noise that is looked for lies between these, so that a mistake ends: noise multipliers, and deviations in quanta. */
const noiseMultipliers = { least: leastNoiseMultiplier, most: mostNoiseMultiplier };
const deviations = { least: 0.03, most: 1e9 };
/** Noise is found when there is at most so much more of it than needed, or epsilon is so close to the target, as a part of it. */
const tightness = 3e-4;

/**
 * The least noise multiplier with which these steps keep to the target by `gaussianEpsilon`, and at most 0.03% more. What is
 * returned has been found to keep to it.
 *
 * @throws RangeError where a parameter is outside its range, or no noise is enough.
 */
export function noiseMultiplierFor(steps: Omit<GaussianSteps, "noiseMultiplier">, target: PrivacyTarget): number {
  requireTarget(target);
  const { epsilon, delta } = target;
  const at = (noiseMultiplier: number) => ({ ...steps, noiseMultiplier });
  // Renyi accounting is quick and says where to look: its noise is enough
  const high = leastNoise((noise) => renyiEpsilon(gaussianCurve(at(noise)), delta) / epsilon, noiseMultipliers);
  const bounds = { least: Math.max(high / 2, noiseMultipliers.least), most: high };
  return leastNoise((noise) => gaussianEpsilon([at(noise)], delta) / epsilon, bounds);
}

/**
 * The least variance of the noise in each of these sums with which they keep to the target together, and at most 0.06% more. For
 * what each participant adds, see `varianceOfParticipant`.
 *
 * @param sums how many sums are released: rounds, times what each of them sums, >= 1.
 * @throws RangeError where a parameter is outside its range, or no noise is enough.
 */
export function skellamVarianceFor(norms: Omit<SkellamSum, "variance">, sums: number, target: PrivacyTarget): number {
  requireTarget(target);
  const spentPart = (deviation: number) =>
    renyiEpsilon(skellamCurve({ ...norms, variance: deviation ** 2 }, sums), target.delta) / target.epsilon;
  return leastNoise(spentPart, deviations) ** 2;
}

/** @throws RangeError where epsilon or delta is outside its range. */
export function requireTarget({ epsilon, delta }: PrivacyTarget): void {
  if (!(epsilon > 0) || !Number.isFinite(epsilon))
    throw new RangeError(`an epsilon of ${epsilon}: a finite number > 0`);
  if (!(delta > 0 && delta < 1)) throw new RangeError(`a delta of ${delta}: in (0, 1)`);
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * The least noise that spends at most one whole target, by false position (the Illinois way) between the logarithms of both, which
 * are nearly in proportion.
 *
 * @throws RangeError where even `most` spends more
 */
export function leastNoise(spentPart: (noise: number) => number, { least, most }: Bounds): number {
  const excess = (logNoise: number) => Math.max(-5, Math.log(spentPart(Math.exp(logNoise))));
  let [low, high] = [Math.log(least), Math.log(most)];
  let [above, below, reached] = [excess(low), excess(high), excess(high)];
  if (above <= 0) return Math.exp(low);
  if (below > 0) throw new RangeError(`no noise up to ${most} is enough: epsilon or delta is too small`);
  for (let last = 0; high - low > tightness && reached < -tightness;) {
    const middle = low + (high - low) * Math.min(0.99, Math.max(0.01, above / (above - below)));
    const found = excess(middle);
    if (found <= 0) {
      [high, below, reached] = [middle, found, found];
      if (last < 0) above /= 2;
    } else {
      [low, above] = [middle, found];
      if (last > 0) below /= 2;
    }
    last = found <= 0 ? -1 : 1;
  }
  return Math.exp(high);
}
