import type { VerificationRules } from "./rules.js";

/** What the answers of different operators to one task amount to. */
export type Verdict =
  | { readonly kind: "agreed"; readonly answer: string }
  /** So many more answers are needed. */
  | { readonly kind: "undecided"; readonly runs: number }
  /** The program itself gives different answers: nobody is to blame. */
  | { readonly kind: "nondeterministic" };

/**
 * Weighs `answers`, one of each operator. Without dissent as many agree as are asked for; once there is any, one answer has to lead
 * all others by a margin that a fifth of all operators, lying together, reach once in thousands of disputes.
 * @param agreeing how many operators must give one answer, 1 or more
 */
export function verdictOf(answers: readonly string[], agreeing: number, rules: VerificationRules): Verdict {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const ranked = [...counts].toSorted(([, one], [, other]) => other - one);
  const [[answer, most] = ["", 0], [, second] = ["", 0]] = ranked;
  if (second === 0) return most >= agreeing ? { kind: "agreed", answer } : undecided(agreeing - most);
  const lead = most - second;
  if (lead >= rules.convincingLead) return { kind: "agreed", answer };
  const allDiffer = most === 1 && answers.length >= rules.differentAnswers;
  if (allDiffer || answers.length >= rules.mostRuns) return { kind: "nondeterministic" };
  // all different may come out sooner than a lead
  const wanted = most === 1 ? rules.differentAnswers - answers.length : rules.convincingLead - lead;
  return undecided(Math.min(wanted, rules.mostRuns - answers.length));
}

function undecided(runs: number): Verdict {
  return { kind: "undecided", runs };
}
