import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { federatedLimits } from "../federated/secure-sum/binding.js";
import { parseCbor } from "../shared/cbor.js";
import { Bytes, Exactly, Text, Whole } from "../shared/schema.js";
import { SignedSchema } from "./statements/identity.js";

/*
 * What a pool shows of a federated run, as CBOR, to whoever asks by its id. Nothing of it is to be believed: every part that matters is signed, logged, or can
 * be computed again.
 *
 *     POST  /v1/federated                          CBOR NewRun -> 201
 *     GET   /v1/federated/RUN?seen=VERSION         CBOR RunView; with `seen` it waits up to 20 s for another version
 *     GET   /v1/federated/RUN/rounds/ROUND         CBOR RoundView of an earlier round
 *     POST  /v1/federated/RUN/seats                a signed enrolment, by the seat's key
 *     POST  /v1/federated/RUN/start                a signed job-request by the run's key: draws with the seats that are taken
 *     POST  /v1/federated/RUN/cancel               the same: ends the run
 *     POST  /v1/federated/RUN/reveals              a signed reveal
 *     POST  /v1/federated/RUN/ready                a signed readiness
 *     POST  /v1/federated/RUN/uploads              a signed upload's statement; then its words:
 *     PUT   /v1/federated/RUN/files/HASH           octets: an upload, a sum of masks or a sum, by SHA-256; taken where one of that hash is expected
 *     GET   /v1/federated/RUN/files/HASH           the same octets
 *
 * A signed statement travels as the CBOR of `Signed`. A draw that fails leads back to `enrolling`, with no roster: who had shown its part takes
 * its seat again, with the same key and another commitment. An upload that comes too late is answered `out-of-turn`.
 */

/** A run that is asked for. */
export const NewRun = Exactly({
  terms: SignedSchema,
  /** The seats' keys, ascending. */
  seats: Type.Array(Bytes(32), { maxItems: federatedLimits.participants }),
  /** What members are paid for: signed member tasks, three for each place of the committee. */
  tasks: Type.Array(SignedSchema, { minItems: 1, maxItems: 21 }),
});
export type NewRun = Static<typeof NewRun>;

/** One group's sum in one attempt. */
export const GroupView = Exactly({
  group: Whole(0, federatedLimits.groups - 1),
  phase: Type.Enum(["gathering", "agreeing", "unmasking", "confirming", "summed", "aborted", "lost"]),
  /** Of `aborted`: the members' signed ABORTs; of `summed`: the sum as a quorum has signed it. */
  statements: Type.Array(SignedSchema, { maxItems: 7 }),
});
export type GroupView = Static<typeof GroupView>;

/** One attempt at a round's sums. */
export const AttemptView = Exactly({
  attempt: Whole(1, federatedLimits.attempts),
  /** The committee: agents in their places, and their signed keys once all have made them. */
  agents: Type.Array(Bytes(32), { maxItems: 7 }),
  keys: Type.Array(SignedSchema, { maxItems: 7 }),
  /** Groups that this attempt is for. */
  groups: Type.Array(GroupView, { maxItems: federatedLimits.groups }),
});
export type AttemptView = Static<typeof AttemptView>;

/** A round: all its attempts, the newest last. Over when each group is summed or lost. */
export const RoundView = Exactly({
  round: Whole(1, federatedLimits.rounds),
  /** Words in an upload. */
  length: Whole(1, federatedLimits.values),
  attempts: Type.Array(AttemptView, { maxItems: federatedLimits.attempts }),
});
export type RoundView = Static<typeof RoundView>;

/** A run. */
export const RunView = Exactly({
  /** Another whenever anything here is. */
  version: Whole(),
  phase: Type.Enum(["enrolling", "drawing", "running", "ended", "failed"]),
  /** Of a run that failed: why; of one that is enrolling: what its draw waits for. */
  reason: Type.Optional(Text(256)),
  terms: SignedSchema,
  seats: Type.Array(Bytes(32), { maxItems: federatedLimits.participants }),
  /** Seats that are taken. */
  enrolled: Whole(0, federatedLimits.participants),
  /** How often a draw was begun; each has a roster of its own, in the log. */
  draws: Whole(),
  /** The roster's body, and where the log has its hash. */
  roster: Type.Optional(Exactly({ body: Bytes(1, 1_048_576), logIndex: Whole() })),
  /** What participants have shown, in the order of the roster; empty where one has not yet. */
  nonces: Type.Array(Bytes(0, 32), { maxItems: federatedLimits.participants }),
  /** Drawn agents that have failed. */
  passedOver: Type.Array(Bytes(32), { maxItems: 64 }),
  /** Rounds that are over. */
  rounds: Whole(0, federatedLimits.rounds),
  /** Participants that have said that they are ready for the next. */
  ready: Whole(0, federatedLimits.participants),
  /** The newest round, from its first attempt on. */
  round: Type.Optional(RoundView),
});
export type RunView = Static<typeof RunView>;

const views = { run: Compile(RunView), round: Compile(RoundView), newRun: Compile(NewRun) };

/** The view in bytes of hostile origin, or undefined. */
export function parseRunView(bytes: Uint8Array): RunView | undefined {
  const value = parseCbor(bytes);
  return views.run.Check(value) ? value : undefined;
}

export function parseRoundView(bytes: Uint8Array): RoundView | undefined {
  const value = parseCbor(bytes);
  return views.round.Check(value) ? value : undefined;
}

export function parseNewRun(bytes: Uint8Array): NewRun | undefined {
  const value = parseCbor(bytes);
  return views.newRun.Check(value) ? value : undefined;
}

/** Whether a round is over: each group is summed or lost in its last attempt. */
export function isRoundOver({ attempts }: RoundView): boolean {
  const last = new Map(attempts.flatMap(({ groups }) => groups.map(({ group, phase }) => [group, phase] as const)));
  return last.size > 0 && [...last.values()].every((phase) => phase === "summed" || phase === "lost");
}
