import {
  AegisError,
  chargeBudget,
  chargeStep,
  federatedLimits,
  type GroupSum,
  openBudget,
  overflowOf,
  type PrivacyBudget,
  type PrivacyRelease,
  releasesOfStep,
  type RunTerms,
  SharedModel,
  type SmallestSum,
  spentEpsilon,
  type Step,
  type StepRefusal,
} from "@aegis-pool/core";
import type { AnyProcedure } from "@aegis-pool/sdk";
import { type KnownPlan, trainingOf, valuesOf } from "./known-plan.js";

/** How a run sums, by its terms: what promises rest on. */
export type RunShape = Pick<RunTerms, "participants" | "floor" | "groups">;

type Promised = NonNullable<KnownPlan["settings"]["privacy"]>;

const doNotJoin = "Do not join this run; tell its owner.";
const noPromise =
  "no differential privacy: nobody sees what one participant adds, and the sums tell what sums of all tell";

/**
 * What a plan promises, in words, worked out anew by whoever creates or joins a run of it: shown before anything starts.
 * @throws {AegisError} `budget-exceeded` where it does not keep what it promises, `bad-argument` where it cannot be trained, or its sums could overflow
 */
export function promiseOf(plan: KnownPlan, shape: RunShape): string {
  refuseOverflow(plan, shape);
  const { privacy } = plan.settings;
  if (!privacy) return noPromise;
  budgetAfter(plan, shape);
  const { epsilon, delta, per } = privacy;
  const whose = per === "record" ? "per record" : "per participant, for all its rows together";
  return `epsilon ${epsilon} at delta ${delta} ${whose}, all rounds together, against everybody who sees the sums, other participants too unless more than ${smallestSum(privacy, shape).colluders} collude`;
}

/**
 * The budget of a run after so many of its sums, all by default: every sum is one release, lost ones too. Undefined for a run that promises no privacy.
 * @throws {AegisError} `budget-exceeded` where the plan's noise is too little for what it promises
 */
export function budgetAfter(plan: KnownPlan, shape: RunShape, sums = plan.settings.rounds): PrivacyBudget | undefined {
  const { privacy } = plan.settings;
  if (!privacy) return undefined;
  const releases = sums > 0 ? releasesOfSum(plan, privacy, smallestSum(privacy, shape)) : [];
  let budget = openBudget(opened(privacy));
  for (const release of releases) {
    budget = kept(chargeBudget(budget, { ...release, times: sums }), privacy, `${sums} sums with its noise`);
  }
  return budget;
}

/** What is spent after each sum of a run, by its number, worked out once; undefined where nothing is promised. */
export function spentAfter(plan: KnownPlan, shape: RunShape): (sum: number) => number | undefined {
  const known = new Map<number, number | undefined>();
  return (sum) => {
    const released = Math.min(sum, plan.settings.rounds);
    if (!known.has(released)) {
      const budget = budgetAfter(plan, shape, released);
      known.set(released, budget && spentEpsilon(budget));
    }
    return known.get(released);
  };
}

/**
 * The same procedure, held to what its plan promises: each step is charged by what it would send, before it is sent, and the first that would pass the budget ends it.
 * @throws {AegisError} `budget-exceeded`
 */
export async function* withinBudget<Result>(
  procedure: AnyProcedure<Result>,
  plan: KnownPlan,
  shape: RunShape,
): AsyncGenerator<Step, Result, readonly GroupSum[]> {
  const { privacy } = plan.settings;
  if (!privacy) return yield* procedure;
  const smallest = smallestSum(privacy, shape);
  let budget = openBudget(opened(privacy));
  let turn = await procedure.next();
  try {
    while (!turn.done) {
      const step = turn.value;
      budget = kept(chargedFor(step, budget, privacy, smallest), privacy, `"${step.name}"`);
      turn = await procedure.next(yield step);
    }
    return turn.value;
  } finally {
    if (!turn.done) await procedure.return(undefined as never);
  }
}

/**
 * The smallest sum that a run releases, with as many colluders as its noise is enough for.
 * @throws {AegisError} `budget-exceeded` where noise is shared by more than a sum may have: shares that are not in a sum hide nothing
 */
function smallestSum({ sharers }: Promised, { floor }: RunShape): SmallestSum {
  if (sharers <= floor) return { floor, colluders: floor - sharers };
  throw new AegisError({
    code: "budget-exceeded",
    message: `The plan shares its noise among ${sharers} participants, and the run releases sums of ${floor}: they would have less noise than is promised.`,
    next: doNotJoin,
  });
}

function opened({ epsilon, delta, per }: Promised) {
  return { epsilon, delta, per };
}

/** What one sum of the run releases. */
function releasesOfSum(plan: KnownPlan, privacy: Promised, smallest: SmallestSum): readonly PrivacyRelease[] {
  if (privacy.per === "record") return [stepOfDescent(privacy)];
  const step = firstStep(plan);
  const releases = step ? releasesOfStep(step, smallest) : "unprotected";
  return kept(releases, privacy, "a round");
}

/** All noise of a sum, whose shares are Gaussian, over all rows. */
function stepOfDescent({ noiseMultiplier }: Promised): PrivacyRelease {
  return {
    name: "gradient",
    mechanism: { kind: "gaussian", noiseMultiplier, samplingRate: 1 },
    per: "record",
    times: 1,
  };
}

function chargedFor(step: Step, budget: PrivacyBudget, privacy: Promised, smallest: SmallestSum) {
  if (privacy.per === "record") return chargeBudget(budget, stepOfDescent(privacy));
  return chargeStep(budget, step, smallest);
}

/**
 * The first round of a training, as one without rows asks for it: of the form that all rounds have. A plan may come from anybody, so its size is looked at before memory is taken.
 * @throws {AegisError} `bad-argument` where the plan cannot be trained
 */
function firstStep(plan: KnownPlan): Step | undefined {
  try {
    const values = valuesOf(plan);
    if (values > federatedLimits.values)
      throw new RangeError(`Sums have ${values} values, ${federatedLimits.values} at most.`);
    const training = trainingOf(plan);
    if (!training) return undefined;
    const { start, terms } = training;
    return new SharedModel(start, terms).step({ update: new Float64Array(start.parameters.length), loss: 0, rows: 0 });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw impossible(`The plan cannot be trained: ${error.message}`);
  }
}

function kept<Charged extends object>(
  charged: Charged | StepRefusal,
  { epsilon, delta, per }: Promised,
  what: string,
): Charged {
  if (typeof charged !== "string") return charged;
  const why = charged === "budget-passed" ? "would pass it" : "is not noised as it must be";
  throw new AegisError({
    code: "budget-exceeded",
    message: `The plan promises epsilon ${epsilon} at delta ${delta} per ${per}, and ${what} ${why}.`,
    next: doNotJoin,
  });
}

function refuseOverflow(plan: KnownPlan, { participants, groups }: RunShape): void {
  const step = firstStep(plan);
  const overflow = step && overflowOf(step, Math.ceil(participants / groups));
  if (overflow !== undefined) throw impossible(`The plan's sums could overflow: ${overflow}.`);
}

function impossible(message: string): AegisError {
  return new AegisError({ code: "bad-argument", message, next: doNotJoin });
}
