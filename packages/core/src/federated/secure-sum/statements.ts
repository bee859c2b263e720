import { Type } from "typebox";
import { Bytes, Exactly, Whole } from "../../shared/schema.js";
import { kind, type StatementOf } from "../../protocol/statements/identity.js";
import { bindingFields, federatedLimits } from "./binding.js";

/** Members at most: the larger committee. */
const mostMembers = 7;
/** Subsets at most: 2 of 7. */
const mostSubsets = 21;
const Place = Whole(0, mostMembers - 1);
const { group: _, ...attemptFields } = bindingFields;

/**
 * A committee member's keys for one attempt, made for it and forgotten after it. Signed by the agent. They live in memory only: a member that
 * was restarted, or put back to an older disk, has lost them, and counts as failed.
 */
export const memberKeys = kind(
  "federated-member-keys",
  Exactly({
    ...attemptFields,
    /** SHA-256 of the signed roster. */
    roster: Bytes(32),
    member: Place,
    agent: Bytes(32),
    /** HPKE public key, DHKEM(X25519, HKDF-SHA256): participants seal seeds to it. */
    hpke: Bytes(32),
    /** Ed25519 key that signs what the member says in this attempt. */
    signing: Bytes(32),
  }),
);
export type MemberKeys = StatementOf<typeof memberKeys>;

/** What a participant adds to a sum, without the masked values themselves. Signed by the participant's key in this run. */
export const maskedUpload = kind(
  "federated-upload",
  Exactly({
    ...bindingFields,
    participant: Bytes(32),
    /** SHA-256 of the members' signed keys: see `committeeHash`. */
    committee: Bytes(32),
    /** What the participant has computed so far and what it adds now: alike for all, or they are not summed. See `RunHistory`. */
    state: Bytes(32),
    /** 32-bit words in the upload. */
    length: Whole(1, federatedLimits.values),
    /** SHA-256 of the upload: its words, little-endian. */
    upload: Bytes(32),
    /** Of each subset's seed, in the order of the subsets: see `seedHash`. */
    seedHashes: Type.Array(Bytes(32), { minItems: 1, maxItems: mostSubsets }),
    /** For each member, sealed: the seeds that it knows. */
    boxes: Type.Array(Bytes(80, 1_024), { minItems: 1, maxItems: mostMembers }),
  }),
);
export type MaskedUpload = StatementOf<typeof maskedUpload>;

/**
 * The one thing that a member says about who is in a sum: these, or nobody. Signed by the member's key of the attempt, once. With neither
 * `survivors` nor a second statement, what was uploaded is never unmasked and may be sent again under new keys.
 */
export const memberVerdict = kind(
  "federated-verdict",
  Exactly({
    ...bindingFields,
    member: Place,
    /** Hash of the survivors: see `survivorsHash`. Absent: ABORT. */
    survivors: Type.Optional(Bytes(32)),
  }),
);
export type MemberVerdict = StatementOf<typeof memberVerdict>;

/** What a member has computed of the survivors' sum. Signed by the member's key of the attempt. */
export const memberAnswer = kind(
  "federated-answer",
  Exactly({
    ...bindingFields,
    member: Place,
    survivors: Bytes(32),
    /** SHA-256 of the sum of the survivors' uploads, still masked. */
    masked: Bytes(32),
    /** Of each subset that the member knows, in their order: SHA-256 of the sum of its masks over the survivors. */
    masks: Type.Array(Bytes(32), { minItems: 1, maxItems: mostSubsets }),
  }),
);
export type MemberAnswer = StatementOf<typeof memberAnswer>;

/** What a member has found the sum to be. Signed by the member's key of the attempt: a quorum of these is the sum. */
export const memberSum = kind(
  "federated-sum",
  Exactly({
    ...bindingFields,
    member: Place,
    survivors: Bytes(32),
    participants: Whole(federatedLimits.leastParticipants, federatedLimits.participants),
    /** What all survivors had computed before: `MaskedUpload.state`. */
    state: Bytes(32),
    /** SHA-256 of the sum's words, little-endian. */
    sum: Bytes(32),
  }),
);
export type MemberSum = StatementOf<typeof memberSum>;
