/**
 * The numbers behind verification, chosen by `npm run simulate -- cheats`; see docs/decisions/026-replicas-and-trust.md.
 */
export interface VerificationRules {
  /** Below so many valid results in a row a runner is a novice: it runs only tasks whose answers are agreed already. */
  readonly noviceResults: number;
  /** How often a task on which operators have agreed is also given to a novice. */
  readonly trainingProbability: number;
  /** With n valid results in a row, a result is checked with probability scrutiny / n, */
  readonly scrutiny: number;
  /** but never with less than this. */
  readonly leastProbability: number;
  /** A result that is not checked itself is final when its runner has passed so many checks after it. */
  readonly passesUntilFinal: number;
  /** How often two that agree are checked by a third: two may be one. */
  readonly auditProbability: number;
  /** Once operators disagree, an answer wins when so many more have given it than any other. */
  readonly convincingLead: number;
  /** With so many answers and no two alike, it is the program that gives another each time. */
  readonly differentAnswers: number;
  /** Nor is it decided by more than this. */
  readonly mostRuns: number;
  /** A wrong result is forgiven, and only not paid, where none was before it, or as many valid ones in a row. */
  readonly forgivenAfter: number;
  /** What a wrong result costs that is not forgiven, in charges of the task. */
  readonly penaltyCharges: number;
}

export const verificationRules: VerificationRules = {
  noviceResults: 10,
  trainingProbability: 0.2,
  scrutiny: 30,
  leastProbability: 0.05,
  passesUntilFinal: 2,
  auditProbability: 0.1,
  convincingLead: 6,
  differentAnswers: 5,
  mostRuns: 24,
  forgivenAfter: 1_000,
  penaltyCharges: 40,
};

/** With what probability the next result of a runner with `valid` valid results in a row is checked. */
export function checkProbability(valid: number, rules: VerificationRules = verificationRules): number {
  if (valid < rules.noviceResults) return 1;
  return Math.max(rules.leastProbability, Math.min(1, rules.scrutiny / valid));
}
