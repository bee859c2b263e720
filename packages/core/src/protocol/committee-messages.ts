import { Type } from "typebox";
import { federatedLimits } from "../federated/secure-sum/binding.js";
import { CommitteeShape } from "../federated/secure-sum/committee.js";
import { Survivors } from "../federated/secure-sum/survivors.js";
import { Bytes, Text, Whole } from "../shared/schema.js";
import { SignedSchema } from "./statements/identity.js";

/**
 * What a pool and a committee member say to each other. A member knows a task number, participants by keys that they use in this run alone, and sums: not
 * who anybody is, nor what is summed.
 *
 *     committee-open ▶ ◀ committee-keys     uploads come in:  committee-uploads ▶ ◀ committee-checked
 *     committee-sign ▶ ◀ committee-verdict  committee-answer ▶ ◀ committee-answered
 *     committee-show ▶ (the member uploads sums of masks)     committee-confirm ▶ ◀ committee-sum
 *     committee-show ▶ (one member uploads the sum)           committee-close ▶
 *
 * Every message can be sent again: what was answered is answered the same. A member that cannot do what is asked says `committee-refused`.
 */
const attempt = {
  /** The member's task. */
  number: Whole(1),
  round: Whole(1, federatedLimits.rounds),
  attempt: Whole(1, federatedLimits.attempts),
} as const;
const sum = { ...attempt, group: Whole(0, federatedLimits.groups - 1) } as const;
const Place = Whole(0, federatedLimits.participants - 1);
const member = Whole(0, 6);
const bySeveral = Type.Array(SignedSchema, { maxItems: 7 });

/** From a pool to a member. */
export const committeeToAgent = {
  /** Make keys for an attempt; participants and groups are those of the roster, in its order. */
  "committee-open": {
    ...attempt,
    run: Bytes(32),
    roster: Bytes(32),
    /** SHA-256 of the roster's body: with run, floor and participants it makes the roster's hash, see `rosterNameOf`. */
    rosterBody: Bytes(32),
    shape: CommitteeShape,
    member,
    agents: Type.Array(Bytes(32), { minItems: 4, maxItems: 7 }),
    participants: Type.Array(Bytes(32), { maxItems: federatedLimits.participants }),
    groupOf: Type.Array(Whole(0, federatedLimits.groups - 1), { maxItems: federatedLimits.participants }),
    floor: Whole(federatedLimits.leastParticipants, federatedLimits.participants),
    /** Words in an upload. */
    length: Whole(1, federatedLimits.values),
  },
  /** All members' keys, and uploads under them. */
  "committee-uploads": {
    ...attempt,
    keys: bySeveral,
    uploads: Type.Array(Type.Object({ place: Place, statement: SignedSchema }, { additionalProperties: false }), {
      maxItems: 256,
    }),
  },
  /** Sign for these survivors; without them: sign ABORT. */
  "committee-sign": { ...sum, survivors: Type.Optional(Survivors) },
  /** A quorum has signed: compute. */
  "committee-answer": { ...sum, verdicts: bySeveral },
  /** Upload the sum of the masks of these subsets, by place; without them: the sum itself. */
  "committee-show": { ...sum, subsets: Type.Optional(Type.Array(Whole(0, 20), { maxItems: 21 })) },
  /** All masks are there: find the sum. */
  "committee-confirm": { ...sum, answers: bySeveral },
  /** The attempt is over: forget its keys. */
  "committee-close": attempt,
  /** The run is over: sign what was done, to be paid. */
  "committee-settle": { number: attempt.number, manifest: SignedSchema, result: Bytes(32) },
} as const;

/** From a member to the pool. */
export const committeeToPool = {
  "committee-keys": { ...attempt, keys: SignedSchema },
  /** Which of the uploads can be part of a sum, and which cannot. */
  "committee-checked": {
    ...attempt,
    usable: Type.Array(Place, { maxItems: 256 }),
    unusable: Type.Array(Place, { maxItems: 256 }),
  },
  "committee-verdict": { ...sum, verdict: SignedSchema },
  "committee-answered": { ...sum, answer: SignedSchema },
  /** The files that were asked for are at the pool. */
  "committee-shown": { ...sum, subsets: Type.Optional(Type.Array(Whole(0, 20), { maxItems: 21 })) },
  "committee-sum": { ...sum, sum: SignedSchema },
  "committee-settled": { number: attempt.number, run: SignedSchema },
  "committee-refused": { ...attempt, group: Type.Optional(sum.group), reason: Text(64) },
} as const;
