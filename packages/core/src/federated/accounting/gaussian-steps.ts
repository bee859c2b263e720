/**
 * Equal steps of the Poisson-subsampled Gaussian mechanism, as in DP-SGD: in each step every record takes part with probability
 * `samplingRate`, independently of all others and of the other steps, and normal noise is added to the sum of those that do.
 * Neighbours differ by one record that is there or not. What a step uses must be fixed before it, not chosen from what steps showed.
 */
export interface GaussianSteps {
  /** Standard deviation of the noise as a multiple of the largest Euclidean norm of what one record adds: from 0.05 to a million. */
  readonly noiseMultiplier: number;
  /** Probability in (0, 1]; 1 is the plain Gaussian mechanism. */
  readonly samplingRate: number;
  /** How many steps: an integer in [1, 10 million]. */
  readonly steps: number;
}

/** Less noise hides nothing, its epsilon is in the hundreds, and its losses need a grid without bounds. */
export const leastNoiseMultiplier = 0.05;
export const mostNoiseMultiplier = 1e6;
/** More steps are refused: the grid that they need does not fit. */
const mostSteps = 1e7;
/** @throws RangeError where a parameter is outside its range. */
export function requireGaussian({ noiseMultiplier, samplingRate, steps }: GaussianSteps): void {
  if (!(noiseMultiplier >= leastNoiseMultiplier && noiseMultiplier <= mostNoiseMultiplier))
    throw new RangeError(
      `a noise multiplier of ${noiseMultiplier}: from ${leastNoiseMultiplier} to ${mostNoiseMultiplier}`,
    );
  if (!(samplingRate > 0 && samplingRate <= 1)) throw new RangeError(`a sampling rate of ${samplingRate}: in (0, 1]`);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > mostSteps)
    throw new RangeError(`${steps} steps: an integer from 1 to ${mostSteps}`);
}
