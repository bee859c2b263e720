import { equalBytes, toHex } from "../../../shared/bytes.js";
import type { Signed } from "../../../shared/signed.js";
import type { AgreedAnswers } from "../agreed-answers.js";
import { quorumOfCommittee } from "../committee.js";
import { saidByMember } from "../signed-by-members.js";
import { memberSum, type MemberSum } from "../statements.js";
import type { Survivor } from "../survivors.js";
import { lost, type Lost } from "./ended.js";
import type { GroupSumContext, PhaseRefusal } from "./group-sum.js";
import type { Unmasking } from "./unmasking.js";

/** Members compute the sum from each other's answers, and sign it. */
export interface Confirming {
  readonly phase: "confirming";
  readonly survivors: readonly Survivor[];
  readonly hash: Uint8Array;
  readonly agreed: AgreedAnswers;
  /** The members' signed answers. */
  readonly answers: readonly Signed[];
  /** Members whose answer is what enough others say. */
  readonly answered: readonly number[];
  /** By member. */
  readonly sums: ReadonlyMap<number, { readonly signed: Signed; readonly sum: MemberSum }>;
}

/** There is a sum, and a quorum's signatures for it. */
export interface Summed {
  readonly phase: "summed";
  readonly survivors: readonly Survivor[];
  readonly agreed: AgreedAnswers;
  /** What a quorum has signed. */
  readonly found: MemberSum;
  readonly statements: readonly Signed[];
  /** Members whose answer is part of it. */
  readonly answered: readonly number[];
}

export function confirming({ survivors, hash, answers }: Unmasking, agreed: AgreedAnswers): Confirming {
  const answered = [...answers.keys()].filter((member) => !agreed.liars.includes(member));
  const signed = Array.from(answers.values(), (each) => each.signed);
  return { phase: "confirming", survivors, hash, agreed, answers: signed, answered, sums: new Map() };
}

/** With the sum that a member has found; the last phase where a quorum has found the same, or can no longer. */
export function takeSum(
  state: Confirming,
  signed: Signed,
  { binding, committee, primitives }: GroupSumContext,
): Confirming | Summed | Lost | PhaseRefusal {
  const sum = saidByMember(memberSum, signed, binding, committee, primitives);
  if (!sum || !equalBytes(sum.survivors, state.hash) || sum.participants !== state.survivors.length)
    return "not-signed";
  if (state.sums.has(sum.member)) return "already-said";
  const sums = new Map(state.sums).set(sum.member, { signed, sum });
  const { size } = committee.shape;
  const quorum = quorumOfCommittee(committee.shape);
  const votes = [...sums.values()];
  const agreeing = votes.filter((vote) => votes.filter((other) => isSame(other.sum, vote.sum)).length >= quorum);
  const [found] = agreeing;
  if (found) {
    const { survivors, agreed } = state;
    const statements = agreeing.map((vote) => vote.signed);
    return { phase: "summed", survivors, agreed, found: found.sum, statements, answered: state.answered };
  }
  const most = Math.max(...votes.map((vote) => votes.filter((other) => isSame(other.sum, vote.sum)).length));
  return most + size - sums.size < quorum ? lost("answers-disagree") : { ...state, sums };
}

function isSame(a: MemberSum, b: MemberSum): boolean {
  return toHex(a.sum) === toHex(b.sum) && toHex(a.state) === toHex(b.state);
}
