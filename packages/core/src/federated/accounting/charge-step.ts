import type { Part, Step } from "../procedure.js";
import { roundedNorm } from "../secure-sum/encoding.js";
import { type BudgetRefusal, chargeBudget, type PrivacyBudget, type PrivacyRelease } from "./budget.js";
import { varianceOfSum } from "./skellam.js";

/** The smallest sum that is ever released: what noise there surely is. */
export interface SmallestSum {
  /** Participants in it, whole, >= 1. */
  readonly floor: number;
  /** Of them, how many may add no noise, or tell theirs: whole, 0 to less than `floor`. */
  readonly colluders: number;
}

/** Why a step may not be summed: "unprotected" where one of its parts has no noise, or no bound of its norm, so that no accountant can say what it costs. */
export type StepRefusal = BudgetRefusal | "unprotected";

/**
 * What the sum of a step releases of one participant: each part is a Skellam mechanism of its own. Sensitivities are those of the integers that travel, after rounding.
 *
 * @returns one release per part, once each, or why there is no saying
 * @throws RangeError for numbers of the smallest sum that are out of their range
 */
export function releasesOfStep(
  { parts }: Pick<Step, "parts">,
  smallest: SmallestSum,
): PrivacyRelease[] | "unprotected" {
  const releases = parts.map((part) => releaseOf(part, smallest));
  return releases.includes(undefined) ? "unprotected" : releases.filter((release) => release !== undefined);
}

/**
 * The budget after the sum of this step, or why the step must not be summed. It is asked before anything of the step is sent, and a sum that is lost stays charged: nobody
 * can know who has seen it.
 *
 * @throws RangeError as `releasesOfStep`
 */
export function chargeStep(
  budget: PrivacyBudget,
  step: Pick<Step, "parts">,
  smallest: SmallestSum,
): PrivacyBudget | StepRefusal {
  const releases = releasesOfStep(step, smallest);
  if (releases === "unprotected") return releases;
  let charged = budget;
  for (const release of releases) {
    const next = chargeBudget(charged, release);
    if (typeof next === "string") return next;
    charged = next;
  }
  return charged;
}

function releaseOf(
  { name, values, quantum, l2, noiseVariance = 0 }: Part,
  { floor, colluders }: SmallestSum,
): PrivacyRelease | undefined {
  if (noiseVariance === 0 || l2 === undefined) return undefined;
  const norm = Math.max(1, roundedNorm(l2 / quantum, values.length));
  const variance = varianceOfSum(noiseVariance, floor, colluders);
  const mechanism = {
    kind: "skellam",
    variance,
    l1: Math.min(norm ** 2, Math.sqrt(values.length) * norm),
    l2: norm,
  } as const;
  return { name, mechanism, per: "participant", times: 1 };
}
