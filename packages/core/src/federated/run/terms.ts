import type { Primitives } from "../../privacy/primitives.js";
import { ascii, concatBytes, toHex } from "../../shared/bytes.js";
import { Bytes, Exactly, Instant, Price, Whole } from "../../shared/schema.js";
import { openOwnStatement, type Signed } from "../../shared/signed.js";
import { kind, type StatementOf } from "../../protocol/statements/identity.js";
import { federatedLimits } from "../secure-sum/binding.js";
import { CommitteeShape } from "../secure-sum/committee.js";

/**
 * What a federated run is, as far as the pool needs to know: numbers and keys. Signed by the run's own key, which its owner makes for it. What is
 * trained, and on what, is the *plan*: participants have it from the owner, and the pool sees its hash alone.
 */
export const runTerms = kind(
  "federated-run",
  Exactly({
    pool: Bytes(32),
    /** The run's Ed25519 key, which also pays for it, like a job's. */
    owner: Bytes(32),
    committee: CommitteeShape,
    /** How many seats there are; `seatsHash` of their keys is `seats`. */
    participants: Whole(federatedLimits.leastParticipants, federatedLimits.participants),
    seats: Bytes(32),
    /** No sum of fewer participants is released. */
    floor: Whole(federatedLimits.leastParticipants, federatedLimits.participants),
    /** Disjoint groups that are summed apart, each of at least `floor` participants. */
    groups: Whole(1, federatedLimits.groups),
    /** SHA-256 of the plan, which holds a secret. */
    plan: Bytes(32),
    /** Sums at most. */
    rounds: Whole(1, federatedLimits.rounds),
    /** Values of one sum at most. */
    values: Whole(1, federatedLimits.values),
    /** How long participants have for one upload once a committee is there, in ms. */
    uploadMs: Whole(1_000, 24 * 3_600_000),
    /** Top price in nAIS per SCU-second for members. */
    maxPrice: Price,
    /** Work of one member that is paid at most, in µSCU-seconds: see `memberWork`. */
    maxWork: Whole(1),
    createdAt: Instant,
  }),
);
export type RunTerms = StatementOf<typeof runTerms>;

/** A run as it is known: terms that its own key has signed, and their hash, which names it. */
export interface KnownRun {
  readonly terms: RunTerms;
  /** SHA-256 of the signed terms' body. */
  readonly id: Uint8Array;
}

/** The run in `signed`, or undefined unless its own key has signed it, for this pool, and its numbers go together. */
export function openRun(signed: Signed, pool: Uint8Array, primitives: Primitives): KnownRun | undefined {
  const terms = openOwnStatement(runTerms, signed, ({ owner }) => owner, primitives);
  if (!terms || toHex(terms.pool) !== toHex(pool) || conflictInRun(terms)) return undefined;
  return { terms, id: primitives.sha256(signed.body) };
}

/** What is at odds in terms of the right form, in words; undefined: nothing. */
export function conflictInRun({ participants, floor, groups }: RunTerms): string | undefined {
  if (floor > participants) return `a floor of ${floor} is above the ${participants} participants`;
  if (Math.floor(participants / groups) < floor)
    return `${participants} participants in ${groups} groups are fewer than the floor of ${floor} in one`;
  return undefined;
}

/** Names a list of seats, by their keys in ascending order. */
export function seatsHash(seats: readonly Uint8Array[], primitives: Primitives): Uint8Array {
  return primitives.sha256(ascii("aegis-pool/v1/federated/seats"), concatBytes(...seats));
}

/**
 * A participant takes a seat: with a key of its own for this run, and a commitment to what it will add to the draw. Signed by the seat's key, which
 * the owner gave to it.
 */
export const enrolment = kind(
  "federated-enrolment",
  Exactly({
    run: Bytes(32),
    seat: Bytes(32),
    /** The participant's Ed25519 key in this run. */
    participant: Bytes(32),
    /** See `drawCommitment`. */
    commitment: Bytes(32),
  }),
);
export type Enrolment = StatementOf<typeof enrolment>;

/** A participant shows what it had committed to, once the roster stands. Signed by the participant's key. */
export const drawReveal = kind(
  "federated-reveal",
  Exactly({ roster: Bytes(32), participant: Bytes(32), nonce: Bytes(32) }),
);
export type DrawReveal = StatementOf<typeof drawReveal>;

/** A participant has computed what it adds to the next sum, or is through. Signed by the participant's key. */
export const readiness = kind(
  "federated-ready",
  Exactly({
    run: Bytes(32),
    participant: Bytes(32),
    /** Which sum it waits for; with `length` 0: it waits for none any more. */
    round: Whole(1, federatedLimits.rounds + 1),
    /** Values that it will upload. */
    length: Whole(0, federatedLimits.values),
  }),
);
export type Readiness = StatementOf<typeof readiness>;

/**
 * What a committee member is paid for: a task that is not matched but drawn. Signed by the run's key, as a manifest is by a job's; its number is all that
 * the member gets to know of the run besides keys and sums.
 */
export const memberTask = kind(
  "federated-member-task",
  Exactly({
    number: Whole(1),
    /** The run's key. */
    job: Bytes(32),
    pool: Bytes(32),
    /** Top price in nAIS per SCU-second. */
    maxPrice: Price,
    /** Work that is paid at most, in µSCU-seconds. */
    maxWork: Whole(1),
  }),
);
export type MemberTask = StatementOf<typeof memberTask>;
