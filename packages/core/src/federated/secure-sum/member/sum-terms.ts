import type { CommitteeTerms } from "../committee-keys.js";

/** What a member knows of a run before its first sum: keys and numbers, nothing of what is summed. */
export interface MemberTerms extends CommitteeTerms {
  /** The run: SHA-256 of its signed terms. */
  readonly run: Uint8Array;
  /** The participants' keys in this run, in the order of the roster. */
  readonly participants: readonly Uint8Array[];
  /** For each participant, in the order of the roster, its group. */
  readonly groupOf: readonly number[];
  /** No sum of fewer is answered for. */
  readonly floor: number;
}

/** Why a member does not do what it is asked to; nothing is signed or revealed then. */
export type MemberRefusal =
  | "committee-invalid"
  | "not-in-roster"
  | "upload-invalid"
  | "upload-changed"
  | "seeds-disagree"
  | "below-floor"
  | "doubled"
  | "wrong-group"
  | "upload-unknown"
  | "states-differ"
  | "already-signed"
  | "no-quorum"
  | "not-the-upload"
  | "not-answered"
  | "answers-disagree"
  | "masks-missing";
