/**
 * A privacy loss distribution, rounded onto a grid so that what follows from it is an upper bound.
 *
 * The privacy loss of an outcome o is log(P(o) / Q(o)), where P and Q are what a mechanism gives with and without one record (or
 * participant); its distribution under P says for every epsilon the least delta: the sum over losses l > epsilon of
 * P(l) (1 - exp(epsilon - l)), and independent mechanisms add their losses (Koskela, Jaelkoe, Honkela 2020; Sommer, Meiser,
 * Mohammadi 2019).
 */
export interface LossDistribution {
  /** Distance of two neighbouring losses, in nats, > 0. */
  readonly step: number;
  /** The first probability belongs to the loss `lowest * step`. */
  readonly lowest: number;
  /** P of each loss on the grid, ascending. */
  readonly probabilities: Float64Array;
  /** P of outcomes that Q never gives, or that were counted as such: in [0, 1]. */
  readonly infinite: number;
}

/**
 * Collects outcomes on a grid of losses by "connect the dots" (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi 2022): an
 * outcome between two grid points is shared between them so that its probability under P and under Q are both kept. The curve
 * delta(exp(epsilon)) of the result meets the true one at every grid point and connects these dots by straight lines; the true
 * curve is convex, so the result is never below it, and no distribution on this grid is closer.
 */
export class LossGrid {
  readonly #step: number;
  readonly #lowest: number;
  readonly #probabilities: Float64Array;
  readonly #fall: number;
  #infinite = 0;

  /** For losses from `least` to `most`, in nats, on multiples of `step`. */
  constructor(step: number, least: number, most: number) {
    this.#step = step;
    this.#fall = Math.expm1(-step);
    this.#lowest = Math.floor(least / step);
    // one more on either side: a loss at the border may be rounded across it
    this.#lowest -= 1;
    this.#probabilities = new Float64Array(Math.ceil(most / step) + 2 - this.#lowest);
  }

  /** An outcome of this loss and this probability under P. A loss below `least` is rounded up to it. */
  add(loss: number, probability: number): void {
    const below = Math.floor(loss / this.#step);
    const at = below - this.#lowest;
    if (at < 0) return this.#put(0, probability);
    const above = Math.min(1, Math.expm1(below * this.#step - loss) / this.#fall);
    this.#put(at, probability * (1 - above));
    this.#put(at + 1, probability * above);
  }

  /** Outcomes that are counted as if Q never gave them. */
  addInfinite(probability: number): void {
    this.#infinite += probability;
  }

  /** What has been collected. */
  done(): LossDistribution {
    return {
      step: this.#step,
      lowest: this.#lowest,
      probabilities: this.#probabilities,
      infinite: Math.min(1, this.#infinite),
    };
  }

  #put(at: number, probability: number): void {
    if (at < this.#probabilities.length) this.#probabilities[at] = (this.#probabilities[at] as number) + probability;
    else this.#infinite += probability;
  }
}

/** One outcome of a mechanism: its probability with the record, P, and without it, Q. */
export interface PrivacyOutcome {
  readonly p: number;
  readonly q: number;
}

/** How far a sum of probabilities may be from one, by roundoff. */
const slack = 1e-12;

/**
 * The losses of a mechanism with finitely many outcomes, on multiples of `step` nats. What of P is cut off from an infinite range
 * belongs in one more outcome with q = 0.
 *
 * @throws RangeError where a probability is negative or no number, P does not add up to one, or Q to more than one.
 */
export function lossesOfOutcomes(outcomes: readonly PrivacyOutcome[], step: number): LossDistribution {
  requireProbabilities(outcomes);
  let [least, most] = [0, 0];
  for (const { p, q } of outcomes) {
    if (p === 0 || q === 0) continue;
    least = Math.min(least, Math.log(p / q));
    most = Math.max(most, Math.log(p / q));
  }
  const grid = new LossGrid(step, least, most);
  for (const { p, q } of outcomes) {
    if (q === 0) grid.addInfinite(p);
    else if (p > 0) grid.add(Math.log(p / q), p);
  }
  return grid.done();
}

function requireProbabilities(outcomes: readonly PrivacyOutcome[]): void {
  let [sumP, sumQ] = [0, 0];
  for (const { p, q } of outcomes) {
    if (!(p >= 0) || !(q >= 0)) throw new RangeError(`an outcome of probabilities ${p} and ${q}: both have to be >= 0`);
    sumP += p;
    sumQ += q;
  }
  if (Math.abs(sumP - 1) > slack) throw new RangeError(`the outcomes' probabilities under P add up to ${sumP}, not 1`);
  if (sumQ > 1 + slack) throw new RangeError(`the outcomes' probabilities under Q add up to ${sumQ}: at most 1`);
}
