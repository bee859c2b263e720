import { equalBytes } from "../../../shared/bytes.js";
import type { Signed } from "../../../shared/signed.js";
import { agreedAnswers } from "../agreed-answers.js";
import { subsetsKnownTo } from "../committee.js";
import { saidByMember } from "../signed-by-members.js";
import { memberAnswer, type MemberAnswer } from "../statements.js";
import type { Survivor } from "../survivors.js";
import { confirming, type Confirming } from "./confirming.js";
import { lost, type Lost } from "./ended.js";
import type { GroupSumContext, PhaseRefusal } from "./group-sum.js";

/** Members say what the survivors' masks sum to. */
export interface Unmasking {
  readonly phase: "unmasking";
  readonly survivors: readonly Survivor[];
  readonly hash: Uint8Array;
  /** A quorum's, for the survivors: what members want to see before they answer. */
  readonly verdicts: readonly Signed[];
  /** By member. */
  readonly answers: ReadonlyMap<number, { readonly signed: Signed; readonly answer: MemberAnswer }>;
}

export function unmasking(
  { survivors, hash }: Pick<Unmasking, "survivors" | "hash">,
  verdicts: readonly Signed[],
): Unmasking {
  return { phase: "unmasking", survivors, hash, verdicts, answers: new Map() };
}

/** With a member's answer; the next phase when all have answered. */
export function takeAnswer(
  state: Unmasking,
  signed: Signed,
  context: GroupSumContext,
): Unmasking | Confirming | Lost | PhaseRefusal {
  const { binding, committee, primitives } = context;
  const answer = saidByMember(memberAnswer, signed, binding, committee, primitives);
  const isWhole = answer?.masks.length === subsetsKnownTo(answer?.member ?? 0, committee.shape).length;
  if (!answer || !isWhole || !equalBytes(answer.survivors, state.hash)) return "not-signed";
  if (state.answers.has(answer.member)) return "already-said";
  const answers = new Map(state.answers).set(answer.member, { signed, answer });
  const next = { ...state, answers };
  return answers.size === committee.shape.size ? closeAnswers(next, context) : next;
}

/** Goes on with the answers that are there: some members are silent. */
export function closeAnswers(state: Unmasking, { committee }: GroupSumContext): Confirming | Lost {
  const said = Array.from(state.answers.values(), ({ answer }) => answer);
  const agreed = agreedAnswers(said, committee.shape);
  if (agreed) return confirming(state, agreed);
  return lost(said.length === committee.shape.size ? "answers-disagree" : "members-silent");
}
