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

/** More steps are refused: the grid that they need does not fit. */
const mostSteps = 1e7;
/** @throws RangeError where a parameter is outside its range. */
export function requireGaussian({ noiseMultiplier, samplingRate, steps }: GaussianSteps): void {
  if (!(noiseMultiplier > 0) || !Number.isFinite(noiseMultiplier))
    throw new RangeError(`a noise multiplier of ${noiseMultiplier}: a finite number > 0`);
  if (!(samplingRate > 0 && samplingRate <= 1)) throw new RangeError(`a sampling rate of ${samplingRate}: in (0, 1]`);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > mostSteps)
    throw new RangeError(`${steps} steps: an integer from 1 to ${mostSteps}`);
}
