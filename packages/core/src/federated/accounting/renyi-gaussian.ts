import { type GaussianSteps, requireGaussian } from "./gaussian-steps.js";
import { type RenyiCurve, renyiOrders } from "./renyi.js";

/**
 * The Renyi curve of subsampled Gaussian steps (Mironov, Talwar, Zhang 2019, "Renyi differential privacy of the sampled Gaussian
 * mechanism"): log A / (alpha - 1) for each step, where A is the mean over N(0, s^2) of (1 - q + q exp((2x - 1) / 2s^2))^alpha. That
 * is the worse of the two adjacencies (theorem 5 there). Integer orders by the binomial sum (section 3.3), others by the
 * trapezoid rule, which for such a function is correct to roundoff. Both sum A - 1, whose terms are all positive, so that
 * small sampling rates lose no digits.
 *
 * @throws RangeError where a parameter is outside its range.
 */
export function gaussianCurve(part: GaussianSteps): RenyiCurve {
  requireGaussian(part);
  return renyiOrders.map((alpha) => part.steps * gaussianDivergence(part, alpha));
}

/** Bounds the Renyi divergence of order `alpha` > 1 of one step, in nats. */
export function gaussianDivergence(part: GaussianSteps, alpha: number): number {
  if (part.samplingRate === 1) return alpha / (2 * part.noiseMultiplier ** 2);
  const logExcess = Number.isInteger(alpha) ? binomialSum(part, alpha) : integral(part, alpha);
  return softplus(logExcess) / (alpha - 1);
}

/** log(A - 1) for an integer alpha: the sum over k of B(alpha, k) q^k (1 - q)^(alpha - k) (exp((k^2 - k) / 2s^2) - 1). */
export function binomialSum({ noiseMultiplier, samplingRate }: GaussianSteps, alpha: number): number {
  const terms = new Float64Array(alpha - 1);
  // of k = 1; the terms of k = 0 and 1 are zero
  let logWeight = Math.log(alpha) + Math.log(samplingRate) + (alpha - 1) * Math.log1p(-samplingRate);
  const logOdds = Math.log(samplingRate) - Math.log1p(-samplingRate);
  for (let k = 2; k <= alpha; k++) {
    logWeight += Math.log((alpha - k + 1) / k) + logOdds;
    const exponent = (k * k - k) / (2 * noiseMultiplier * noiseMultiplier);
    terms[k - 2] = logWeight + exponent + Math.log(-Math.expm1(-exponent));
  }
  return logSum(terms);
}

/**
 * log(A - 1) for any alpha > 1, by the trapezoid rule on the whole line. The step is so small against the width of the normal
 * density and against the distance pi s^2 of the integrand's nearest singularity that the rule's error is below roundoff.
 */
export function integral({ noiseMultiplier, samplingRate }: GaussianSteps, alpha: number): number {
  const variance = noiseMultiplier * noiseMultiplier;
  const step = Math.min(noiseMultiplier / 5, variance / 4);
  const low = -12 * noiseMultiplier;
  const terms = new Float64Array(Math.ceil((alpha + 24 * noiseMultiplier) / step));
  const logScale = Math.log(step / (noiseMultiplier * Math.sqrt(2 * Math.PI)));
  for (let at = 0; at < terms.length; at++) {
    const x = low + at * step;
    const exponent = (2 * x - 1) / (2 * variance);
    const loss =
      exponent > 30
        ? exponent + Math.log(samplingRate + (1 - samplingRate) * Math.exp(-exponent))
        : Math.log1p(samplingRate * Math.expm1(exponent));
    terms[at] = logScale - (x * x) / (2 * variance) + logCurvature(alpha, loss);
  }
  return logSum(terms);
}

/** log(y^alpha - 1 - alpha (y - 1)) for y = exp(loss): what is added has mean zero and makes every value positive. */
function logCurvature(alpha: number, loss: number): number {
  if (loss > 1)
    return alpha * loss + Math.log1p((alpha - 1) * Math.exp(-alpha * loss) - alpha * Math.exp((1 - alpha) * loss));
  return Math.log(Math.max(0, Math.expm1(alpha * loss) - alpha * Math.expm1(loss)));
}

function logSum(logs: Float64Array): number {
  const most = logs.reduce((one, other) => Math.max(one, other), -Infinity);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}

/** log(1 + exp(x)). */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
