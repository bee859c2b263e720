import { type RenyiCurve, renyiOrders } from "./renyi.js";

/** One sum of integers to which Skellam noise has been added. */
export interface SkellamSum {
  /** Variance of the noise in the sum, of each coordinate, in quanta squared: > 0. See `varianceOfSum`. */
  readonly variance: number;
  /** The largest L1 norm of the integers of one participant, in quanta: >= 1. Since they are integers, it is never more than `l2` squared. */
  readonly l1: number;
  /** The largest L2 norm of the integers of one participant, in quanta: >= 1. It is never more than `l1`. */
  readonly l2: number;
}

/**
 * The variance that counts in a sum of at least `floor` participants, of whom up to `colluders` add no noise, or tell theirs. The
 * sum of independent Skellam variables is Skellam, so it is (floor - colluders) times that of one. Epsilon is charged for
 * this, the smallest sum that is ever released, whatever size a sum has in the end.
 *
 * @throws RangeError where nobody's noise would be left.
 */
export function varianceOfSum(perParticipant: number, floor: number, colluders: number): number {
  return perParticipant * honest(floor, colluders);
}

/** The variance that each participant adds so that `varianceOfSum` is `target`. */
export function varianceOfParticipant(target: number, floor: number, colluders: number): number {
  return target / honest(floor, colluders);
}

function honest(floor: number, colluders: number): number {
  if (!Number.isSafeInteger(floor) || !Number.isSafeInteger(colluders) || colluders < 0 || colluders >= floor)
    throw new RangeError(
      `${colluders} colluders in a sum of at least ${floor}: integers, from 0 to less than the floor`,
    );
  return floor - colluders;
}

/**
 * The Renyi curve of `sums` sums with Skellam noise. Agarwal, Kairouz, Liu, "The Skellam mechanism for differentially private
 * federated learning" (NeurIPS 2021), theorem 3.5 and corollary 3.6 for vectors: for integer alpha > 1 and a difference of integers
 * with norms L1 and L2,
 *
 * D <= alpha L2^2 / (2 mu) + min(((2 alpha - 1) L2^2 + 6 L1) / (4 mu^2), 3 L1 / (2 mu)),
 *
 * where mu is the variance. Between integers, (alpha - 1) D is convex in alpha and 0 at alpha = 1, so the chord between two integer
 * orders bounds it too. The noise is not the same in all directions, so that no single difference stands for all: hence this
 * bound and not a one-dimensional loss distribution. Participants' membership is seen, so nothing is amplified by sampling.
 *
 * @param sums how many, an integer >= 0.
 * @throws RangeError where a parameter is outside its range.
 */
export function skellamCurve(sum: SkellamSum, sums: number): RenyiCurve {
  requireSkellam(sum);
  if (!Number.isSafeInteger(sums) || sums < 0) throw new RangeError(`${sums} sums: an integer >= 0`);
  return renyiOrders.map((alpha) => (sums * scaledDivergence(sum, alpha)) / (alpha - 1));
}

/** (alpha - 1) D. */
function scaledDivergence(sum: SkellamSum, alpha: number): number {
  const low = Math.floor(alpha);
  const lower = (low - 1) * integerDivergence(sum, low);
  if (low === alpha) return lower;
  return lower + (alpha - low) * (low * integerDivergence(sum, low + 1) - lower);
}

function integerDivergence({ variance, l1, l2 }: SkellamSum, alpha: number): number {
  const square = Math.min(l2, l1) ** 2;
  const sum = Math.min(l1, square);
  const small = ((2 * alpha - 1) * square + 6 * sum) / (4 * variance * variance);
  return (alpha * square) / (2 * variance) + Math.min(small, (3 * sum) / (2 * variance));
}

/** @throws RangeError where a parameter is outside its range. */
export function requireSkellam({ variance, l1, l2 }: SkellamSum): void {
  if (!(variance > 0) || !Number.isFinite(variance))
    throw new RangeError(`a variance of ${variance}: a finite number > 0`);
  // integers that are not all zero have norms of at least one: less is a norm in other units
  for (const [name, norm] of Object.entries({ L1: l1, L2: l2 }))
    if (!(norm >= 1) || !Number.isFinite(norm)) throw new RangeError(`an ${name} norm of ${norm}: in quanta, >= 1`);
}
