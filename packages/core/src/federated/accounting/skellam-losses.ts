import { composeLosses } from "./composition.js";
import { fineStep } from "./grid-step.js";
import { lossesOfOutcomes } from "./loss-distribution.js";
import type { RenyiCurve } from "./renyi.js";
import { skellamCurve } from "./skellam.js";

/** The logarithm of a probability that is counted as one that Q never gives. */
const cutLog = -80;

/**
 * The epsilon of one direction: with which `sums` sums with Skellam noise are (epsilon, delta)-private if one participant's
 * integers can only be zero or `shifts`. Exact but for a rounding up of about a thousandth. Coordinates are independent, so the losses
 * of each are composed. A direction is no bound for another one: this is what `skellamCurve` is held against.
 *
 * @param variance of the noise in the sum, in quanta squared, > 0.
 * @throws RangeError where a shift is no integer or all are zero, or another parameter is outside its range.
 */
export function directionEpsilon(
  variance: number,
  shifts: readonly number[],
  { sums, delta }: { readonly sums: number; readonly delta: number },
): number {
  const counts = new Map<number, number>();
  for (const shift of shifts) {
    if (!Number.isSafeInteger(shift)) throw new RangeError(`a shift of ${shift}: an integer`);
    // mirrored noise is the same noise
    if (shift !== 0) counts.set(Math.abs(shift), (counts.get(Math.abs(shift)) ?? 0) + 1);
  }
  if (counts.size === 0) throw new RangeError("nobody's integers are hidden where all of them are zero");
  const step = fineStep(sums * shifts.length, directionCurve(variance, shifts, sums), { delta });
  const probabilities = skellamProbabilities(variance);
  const parts = [...counts].map(([shift, count]) => ({
    losses: lossesOfOutcomes(outcomesOf(probabilities, shift), step),
    times: count * sums,
  }));
  return composeLosses(parts, { delta }).epsilonAt(delta);
}

function directionCurve(variance: number, shifts: readonly number[], sums: number): RenyiCurve {
  const l1 = shifts.reduce((sum, shift) => sum + Math.abs(shift), 0);
  return skellamCurve({ variance, l1, l2: Math.hypot(...shifts) }, sums);
}

/**
 * P(|X| = k) / (1 or 2), for k from 0, of Skellam noise of this variance: exp(-mu) I_k(mu). Ratios of neighbouring Bessel functions by
 * their recurrence from above, which is stable, I_(k-1) = (2k / mu) I_k + I_(k+1); then made to add up to one.
 *
 * @throws RangeError where the variance is not a finite number > 0.
 */
export function skellamProbabilities(variance: number): Float64Array {
  if (!(variance > 0) || !Number.isFinite(variance)) throw new RangeError(`a variance of ${variance}: a number > 0`);
  const ratios: number[] = [];
  const most = Math.ceil(40 + 14 * Math.sqrt(variance));
  for (let k = most, ratio = 0; k > 0; k--) {
    ratio = 1 / ((2 * k) / variance + ratio);
    ratios[k] = ratio;
  }
  const logs = [0];
  for (let k = 1; k <= most; k++) logs.push((logs[k - 1] as number) + Math.log(ratios[k] as number));
  const kept = logs.filter((log) => log > cutLog).map((log) => Math.exp(log));
  const total = kept.reduceRight((sum, value) => sum + 2 * value, 0) - 1;
  return Float64Array.from(kept, (value) => value / total);
}

function outcomesOf(probabilities: Float64Array, shift: number): { p: number; q: number }[] {
  const most = probabilities.length - 1;
  const at = (k: number) => probabilities[Math.abs(k)] ?? 0;
  return Array.from({ length: 2 * most + 1 + shift }, (_, index) => ({
    p: at(index - most),
    q: at(index - most + shift),
  }));
}
