import type { Primitives } from "../../privacy/primitives.js";
import { equalBytes, toHex } from "../../shared/bytes.js";
import type { Signed } from "../../shared/signed.js";
import type { SumBinding } from "./binding.js";
import { quorumOfCommittee } from "./committee.js";
import type { Committee } from "./committee-keys.js";
import { wordsOf } from "./mask-stream.js";
import { saidByMembers } from "./signed-by-members.js";
import { memberSum, type MemberSum, memberVerdict } from "./statements.js";

/** What a participant holds a sum to. */
export interface SumDemand {
  readonly binding: SumBinding;
  readonly committee: Committee;
  /** What this participant has computed before: see `RunHistory`. */
  readonly state: Uint8Array;
  /** No sum of fewer is taken. */
  readonly floor: number;
  /** Words in the sum. */
  readonly length: number;
}

/** A sum that a quorum of the committee has found. */
export interface ProvenSum {
  readonly words: Int32Array;
  readonly participants: number;
  /** Names who is in it: see `survivorsHash`. */
  readonly survivors: Uint8Array;
  readonly sum: Uint8Array;
}

/** Why a participant does not take a sum. */
export type SumRefusal = "no-quorum" | "other-state" | "too-few" | "sum-mismatch";

/** The sum in `bytes`, or why it is not what a quorum of the committee has signed: nobody else's word counts, the aggregator's least. */
export function openSum(
  bytes: Uint8Array,
  statements: readonly Signed[],
  { binding, committee, state, floor, length }: SumDemand,
  primitives: Primitives,
): ProvenSum | SumRefusal {
  const said = saidByMembers(memberSum, statements, binding, committee, primitives);
  const agreed = agreedByQuorum(said, quorumOfCommittee(committee.shape));
  if (!agreed) return "no-quorum";
  if (!equalBytes(agreed.state, state)) return "other-state";
  if (agreed.participants < floor) return "too-few";
  if (bytes.length !== length * 4 || !equalBytes(primitives.sha256(bytes), agreed.sum)) return "sum-mismatch";
  const { participants, survivors, sum } = agreed;
  return { words: wordsOf(bytes), participants, survivors, sum };
}

function agreedByQuorum(said: readonly MemberSum[], quorum: number): MemberSum | undefined {
  return said.find((one) => said.filter((other) => nameOf(other) === nameOf(one)).length >= quorum);
}

function nameOf({ survivors, participants, state, sum }: MemberSum): string {
  return [toHex(survivors), participants, toHex(state), toHex(sum)].join();
}

/** Whether a quorum has signed that there will be no sum for `binding`: only then may the same values be uploaded again, in another attempt. */
export function isAborted(
  verdicts: readonly Signed[],
  binding: SumBinding,
  committee: Committee,
  primitives: Primitives,
): boolean {
  const said = saidByMembers(memberVerdict, verdicts, binding, committee, primitives);
  return said.filter(({ survivors }) => !survivors).length >= quorumOfCommittee(committee.shape);
}
