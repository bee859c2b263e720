import { AegisError, checkGroups, type RobustTerms } from "@aegis-pool/core";
import type { KnownPlan } from "./known-plan.js";
import { promiseOf, type RunShape } from "./promise.js";

/** What a run says of itself before anything of it starts. */
export interface PlanDescription {
  /** What is done. */
  readonly what: string;
  /** What is promised to whom. */
  readonly privacy: string;
}

/**
 * What the run is about and what it promises, in words: shown before anything of it starts.
 * @throws {AegisError} `budget-exceeded` where it does not keep what it promises, `bad-argument` where the run is not made for it
 */
export function describePlan(plan: KnownPlan, shape: RunShape): PlanDescription {
  const { strategy, robust } = plan.settings;
  if (robust) requireGroups(robust, shape);
  const extras = [strategy?.name, robust && `the ${robust.name} of ${shape.groups} groups`];
  const what = [nameOf(plan), ...extras.filter((extra) => extra !== undefined)].join(", ");
  return { what, privacy: promiseOf(plan, shape) };
}

function nameOf({ name, settings }: KnownPlan): string {
  const { rounds } = settings;
  if (name === "network") return `network ${settings.widths.join("-")}, ${rounds} rounds`;
  const { schema, model } = settings;
  return `${schema.name}, model ${model}, ${rounds} ${model === "trees" ? "trees" : "rounds"}`;
}

/** A robust mean of too few groups would end the run in its first round. */
function requireGroups(robust: RobustTerms, { participants, groups }: RunShape): void {
  try {
    const sizes = Array.from({ length: groups }, () => Math.floor(participants / groups));
    checkGroups(sizes, robust);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AegisError({
      code: "bad-argument",
      message: error.message,
      next: "Give --groups 3 and --participants 15 or more with --robust median; some more of both where participants may drop out.",
      cause: error,
    });
  }
}
