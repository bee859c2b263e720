import type { Signed } from "../../../shared/signed.js";

/** Members have signed that there is no sum: `verdicts` show it to participants. */
export interface Aborted {
  readonly phase: "aborted";
  readonly verdicts: readonly Signed[];
}

/** There is no sum, and nobody can show that there will not be one: the values are not uploaded again. */
export interface Lost {
  readonly phase: "lost";
  readonly reason: "members-split" | "answers-disagree" | "members-silent";
}

export function lost(reason: Lost["reason"]): Lost {
  return { phase: "lost", reason };
}
