import { type PrivacyTarget, requireTarget } from "./calibration.js";
import { gaussianEpsilon } from "./gaussian.js";
import { type GaussianSteps, requireGaussian } from "./gaussian-steps.js";
import { addedCurves, noCurve, type RenyiCurve, renyiEpsilon } from "./renyi.js";
import { gaussianCurve } from "./renyi-gaussian.js";
import { requireSkellam, skellamCurve, type SkellamSum } from "./skellam.js";

/** Whose presence is hidden: one row of a participant's, or a participant with all its rows. */
export type PrivacyUnit = "record" | "participant";

/** What a run promises before it starts: at most this epsilon, in nats, at this delta, for each unit. */
export interface PrivacyPromise extends PrivacyTarget {
  readonly per: PrivacyUnit;
}

/** How something is made private before it is released, once. */
export type PrivacyMechanism =
  | ({ readonly kind: "gaussian" } & Omit<GaussianSteps, "steps">)
  | ({ readonly kind: "skellam" } & SkellamSum);

/** Something that is released: gradients of a step, the sum of a round, metrics, bins, categories. All of them are charged. */
export interface PrivacyRelease {
  /** What it is, such as "round" or "bins". */
  readonly name: string;
  readonly mechanism: PrivacyMechanism;
  /** The unit that the mechanism's norms are about: what one record adds, or what one participant adds. */
  readonly per: PrivacyUnit;
  /** How often, an integer >= 1: the steps of a round are charged at once. */
  readonly times: number;
}

/** Why a release may not be made. */
export type BudgetRefusal =
  /** It would pass the budget. */
  | "budget-passed"
  /** It hides a record, and the promise is about participants. */
  | "unit-too-small";

/** What has been promised and what has been released since, as a value: a charge makes a new one. */
export interface PrivacyBudget {
  readonly promise: PrivacyPromise;
  /** Everything released so far; equal mechanisms are one entry, so that the length is bounded by the kinds of release. */
  readonly charges: readonly PrivacyRelease[];
}

/**
 * A budget of which nothing is spent.
 *
 * @throws RangeError where epsilon or delta is outside its range.
 */
export function openBudget(promise: PrivacyPromise): PrivacyBudget {
  requireTarget(promise);
  return { promise, charges: [] };
}

/**
 * The budget after this release, or why it must not be made; a release that was refused has to be left out altogether. It is asked
 * before anything is released. What is released, how often and with what noise has to follow from the run's terms and not from
 * what earlier releases showed; to stop earlier is always allowed.
 *
 * @throws RangeError where a parameter of the mechanism is outside its range.
 */
export function chargeBudget(budget: PrivacyBudget, release: PrivacyRelease): PrivacyBudget | BudgetRefusal {
  requireRelease(release);
  // who is hidden with all rows is hidden with one: the other way about it is not so
  if (budget.promise.per === "participant" && release.per === "record") return "unit-too-small";
  const charged = { promise: budget.promise, charges: withCharge(budget.charges, release) };
  return keeps(charged) ? charged : "budget-passed";
}

/**
 * The epsilon that is spent at the promised delta: the least of the bounds that hold for these releases. Renyi curves add up for
 * all mechanisms. Gaussian steps among themselves are closer by their loss distributions; beside Skellam sums each of the two
 * groups gets half of delta and their epsilons add up, which holds also where their releases alternate (Vadhan and Zhang 2023,
 * "Concurrent composition theorems for differential privacy").
 */
export function spentEpsilon({ promise: { delta }, charges }: PrivacyBudget): number {
  if (charges.length === 0) return 0;
  const steps = charges.flatMap(stepsOf);
  const all = renyiEpsilon(curveOf(charges), delta);
  if (steps.length === 0) return all;
  const sums = charges.filter(({ mechanism }) => mechanism.kind === "skellam");
  if (sums.length === 0) return Math.min(all, gaussianEpsilon(steps, delta));
  return Math.min(all, gaussianEpsilon(steps, delta / 2) + renyiEpsilon(curveOf(sums), delta / 2));
}

/** Whether no more is spent than promised. The Renyi bound is tried first: it takes no Fourier transform. */
function keeps(budget: PrivacyBudget): boolean {
  const { epsilon, delta } = budget.promise;
  return renyiEpsilon(curveOf(budget.charges), delta) <= epsilon || spentEpsilon(budget) <= epsilon;
}

function requireRelease({ mechanism, times }: PrivacyRelease): void {
  if (!Number.isSafeInteger(times) || times < 1) throw new RangeError(`${times} times: an integer >= 1`);
  if (mechanism.kind === "gaussian") requireGaussian({ ...mechanism, steps: times });
  else requireSkellam(mechanism);
}

function withCharge(charges: readonly PrivacyRelease[], release: PrivacyRelease): readonly PrivacyRelease[] {
  const at = charges.findIndex(
    (charge) =>
      charge.name === release.name && charge.per === release.per && isSame(charge.mechanism, release.mechanism),
  );
  const earlier = charges[at];
  return earlier ? charges.with(at, { ...earlier, times: earlier.times + release.times }) : [...charges, release];
}

function isSame(one: PrivacyMechanism, other: PrivacyMechanism): boolean {
  if (one.kind === "gaussian")
    return (
      other.kind === "gaussian" &&
      one.noiseMultiplier === other.noiseMultiplier &&
      one.samplingRate === other.samplingRate
    );
  return other.kind === "skellam" && one.variance === other.variance && one.l1 === other.l1 && one.l2 === other.l2;
}

function stepsOf({ mechanism, times }: PrivacyRelease): GaussianSteps[] {
  return mechanism.kind === "gaussian" ? [{ ...mechanism, steps: times }] : [];
}

function curveOf(charges: readonly PrivacyRelease[]): RenyiCurve {
  return charges.reduce((sum, { mechanism, times }) => addedCurves(sum, onceCurve(mechanism), times), noCurve);
}

/** Curves of mechanisms that were charged before: a step is charged often. */
const onceCurves = new WeakMap<PrivacyMechanism, RenyiCurve>();

function onceCurve(mechanism: PrivacyMechanism): RenyiCurve {
  const known = onceCurves.get(mechanism);
  if (known) return known;
  const curve = mechanism.kind === "gaussian" ? gaussianCurve({ ...mechanism, steps: 1 }) : skellamCurve(mechanism, 1);
  onceCurves.set(mechanism, curve);
  return curve;
}
