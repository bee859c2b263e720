import type { RepeatedLosses } from "./composition.js";
import type { LossDistribution } from "./loss-distribution.js";
import type { PrivacyAim } from "./renyi.js";

/**
 * Losses whose probabilities are multiplied by exp(theta loss) and made to add up to one again: the same losses seen from where
 * Chernoff's bound with theta is tight. Infinite losses stay outside.
 */
export class Tilted {
  readonly losses: LossDistribution;
  /** log of the sum of p exp(theta loss). */
  readonly logMoment: number;
  /** Of the tilted loss, in nats squared. */
  readonly variance: number;
  /** The least and the largest loss of any probability, in nats. */
  readonly least: number;
  readonly most: number;
  readonly #theta: number;
  readonly #logs: Float64Array;

  constructor(losses: LossDistribution, theta: number) {
    this.losses = losses;
    this.#theta = theta;
    this.#logs = losses.probabilities.map((probability) => Math.log(probability));
    this.logMoment = logMomentOf(losses, this.#logs, theta);
    const first = this.#logs.findIndex((log) => log > -Infinity);
    this.least = losses.step * (losses.lowest + first);
    this.most = losses.step * (losses.lowest + this.#logs.findLastIndex((log) => log > -Infinity));
    this.variance = this.#variance();
  }

  /** log of the mean of exp(t loss) under the tilted losses. */
  logMomentAt(t: number): number {
    return logMomentOf(this.losses, this.#logs, this.#theta + t) - this.logMoment;
  }

  /** The tilted probabilities on a circle of `length` points: the loss `i step` stands at i modulo `length`. */
  folded(length: number): Float64Array {
    const circle = new Float64Array(length);
    this.#each((index, probability) => {
      const at = ((index % length) + length) % length;
      circle[at] = (circle[at] as number) + probability;
    });
    return circle;
  }

  #variance(): number {
    let [mean, square] = [0, 0];
    this.#each((index, probability) => {
      mean += probability * index;
      square += probability * index * index;
    });
    return Math.max(0, square - mean * mean) * this.losses.step ** 2;
  }

  #each(visit: (index: number, probability: number) => void): void {
    const { lowest, step } = this.losses;
    for (let at = 0; at < this.#logs.length; at++) {
      const log = this.#logs[at] as number;
      if (log > -Infinity) visit(lowest + at, Math.exp(log + this.#theta * step * (lowest + at) - this.logMoment));
    }
  }
}

function logMomentOf({ lowest, step }: LossDistribution, logs: Float64Array, theta: number): number {
  let most = -Infinity;
  for (let at = 0; at < logs.length; at++) most = Math.max(most, (logs[at] as number) + theta * step * (lowest + at));
  let sum = 0;
  for (let at = 0; at < logs.length; at++) sum += Math.exp((logs[at] as number) + theta * step * (lowest + at) - most);
  return most + Math.log(sum);
}

/**
 * The theta > 0 for which Chernoff's bound, delta <= exp(log moment(theta) - theta epsilon), is best at the aim. Any theta gives
 * an upper bound; this one a close one.
 */
export function aimedTilt(parts: readonly RepeatedLosses[], aim: PrivacyAim): number {
  const logs = parts.map(({ losses }) => losses.probabilities.map((probability) => Math.log(probability)));
  const moment = (theta: number) =>
    parts.reduce((sum, { losses, times }, at) => sum + times * logMomentOf(losses, logs[at] as Float64Array, theta), 0);
  const bound = (logTheta: number) => {
    const theta = Math.exp(logTheta);
    return "delta" in aim ? (moment(theta) - Math.log(aim.delta)) / theta : moment(theta) - theta * aim.epsilon;
  };
  return Math.exp(lowestPoint(bound, { low: Math.log(1e-4), high: Math.log(1e5), within: 0.05 }));
}

/** Where a function with one valley between `low` and `high` is lowest, give or take `within`, by golden section. */
export function lowestPoint(
  valueAt: (x: number) => number,
  { low, high, within }: { low: number; high: number; within: number },
): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [valueAt(left), valueAt(right)];
  while (high - low > within) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = valueAt(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = valueAt(right);
    }
  }
  return (low + high) / 2;
}
