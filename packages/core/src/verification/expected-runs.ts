import { isReplicated, judgedRuns, quorumOf, type Requirements } from "../protocol/requirements.js";
import { type VerificationRules, verificationRules } from "./rules.js";

/** Runs beyond one for each task, in the steady state, by `npm run bench -- cheat-cost` (decision 026). */
const steadyOverhead = 0.1;

/**
 * How many runs of a task its requester pays for: in the mean, once agents are trusted, and at most, where operators disagree to the end. Of
 * those more than `agreeing` the losers owe.
 */
export function expectedRuns(
  requirements: Requirements,
  { mostRuns }: Pick<VerificationRules, "mostRuns"> = verificationRules,
): { readonly likely: number; readonly most: number } {
  const fixed = isReplicated(requirements) ? undefined : (judgedRuns(requirements) ?? 1);
  if (fixed !== undefined) return { likely: fixed, most: fixed };
  const quorum = quorumOf(requirements);
  return { likely: quorum?.always ? quorum.agreeing : 1 + steadyOverhead, most: mostRuns };
}
