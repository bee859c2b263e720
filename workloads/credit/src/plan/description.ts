import { chargedBudget, type CreditSettings, mayCollude } from "./settings.js";

/** What a run says of itself before anything of it starts. */
export interface PlanDescription {
  /** What is done. */
  readonly what: string;
  /** What is promised to whom. */
  readonly privacy: string;
}

/** What a run without differential privacy promises. */
export const noPromise =
  "no differential privacy: nobody sees what one participant adds, and the sums tell what sums of all tell";

/**
 * What a plan "credit" is about and what it promises, in words.
 * @param floor participants of the smallest sum that the run releases
 * @throws {AegisError} `budget-exceeded` where it does not keep what it promises
 */
export function describeCredit(settings: CreditSettings, floor: number): PlanDescription {
  const { model, rounds, schema, privacy } = settings;
  chargedBudget(settings);
  const what = `${schema.name}, model ${model}, ${rounds} ${model === "trees" ? "trees" : "rounds"}`;
  if (!privacy) return { what, privacy: noPromise };
  const { epsilon, delta } = privacy;
  const colluding = mayCollude(privacy, floor);
  return {
    what,
    privacy: `epsilon ${epsilon} at delta ${delta} per record, all rounds together, against everybody who sees the sums, other participants too unless more than ${colluding} collude`,
  };
}
