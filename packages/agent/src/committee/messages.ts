import type { MemberRefusal, ToAgent, ToPool } from "@aegis-pool/core";

/** What a pool says to a committee member. */
export type CommitteeMessage = Extract<ToAgent, { readonly type: `committee-${string}` }>;

/** Whether a message is for the committee member. */
export function isForMember(message: ToAgent): message is CommitteeMessage {
  return message.type.startsWith("committee-");
}

/** One kind of it, such as `Asked<"sign">`. */
export type Asked<T extends string> = Extract<ToAgent, { readonly type: `committee-${T}` }>;

/** What a member says to its pool. */
export type CommitteeAnswer = Extract<ToPool, { readonly type: `committee-${string}` }>;

/** About one attempt: in turn. */
export type AttemptMessage = Exclude<CommitteeMessage, Asked<"settle"> | Asked<"close">>;

/** Why a member does not do what its pool asks: what the sum forbids, or what this agent does. Part of the protocol: pools read it. */
export type DutyRefusal =
  | MemberRefusal
  /** The owner does not lend now: no new attempts. */
  | "paused"
  | "leaving"
  /** The sums would need more memory than is lent. */
  | "too-large"
  /** So many attempts are open, or so many messages wait, that there is no room for more. */
  | "too-many"
  /** No such attempt is open here: it was never opened, or closed, or this process has started since. */
  | "unknown-attempt"
  /** It is open, for other participants, members or lengths. */
  | "attempt-changed"
  /** Something was signed in it, or in a later one of its run, with keys that no longer exist. */
  | "keys-gone"
  /** There are not as many groups as participants. */
  | "roster-invalid"
  /** The members' keys are not known yet. */
  | "out-of-turn"
  /** No sum of this group is known here to be shown. */
  | "not-confirmed"
  /** What is about to be signed cannot be written to this disk. */
  | "not-recorded"
  /** A file that is needed does not come from the pool, or does not get there. */
  | "file-missing"
  /** A fault of this program. */
  | "failed";

/** What cannot be gone on with, by name. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly reason: DutyRefusal;

  constructor(reason: DutyRefusal, cause?: unknown) {
    super(`The committee member refuses: ${reason}`, { cause });
    this.reason = reason;
  }
}
