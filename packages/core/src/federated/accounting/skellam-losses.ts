import type { Repeated } from "./composition.js";
import { lossesOfOutcomes } from "./loss-distribution.js";

/** The logarithm of a probability that is counted as one that Q never gives. */
const cutLog = -80;

/**
 * The exact losses of one direction: what `sums` sums with Skellam noise of this variance tell when one participant's integers are
 * `shifts`. Coordinates are independent, so it is one part for each distinct shift. A direction is no bound for another
 * one: this is what bounds are held against.
 *
 * @param variance of the noise in the sum, in quanta squared, > 0.
 * @param step of the grid, in nats.
 */
export function skellamLosses(variance: number, shifts: readonly number[], sums: number, step: number): Repeated[] {
  const counts = new Map<number, number>();
  for (const shift of shifts) {
    if (!Number.isSafeInteger(shift)) throw new RangeError(`a shift of ${shift}: an integer`);
    // mirrored noise is the same noise
    if (shift !== 0) counts.set(Math.abs(shift), (counts.get(Math.abs(shift)) ?? 0) + 1);
  }
  return [...counts].map(([shift, count]) => {
    const outcomes = outcomesOf(skellamProbabilities(variance), shift);
    return { losses: lossesOfOutcomes(outcomes, step), times: count * sums };
  });
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
