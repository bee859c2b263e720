import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Primitives } from "../../privacy/primitives.js";
import { ascii, equalBytes, toHex } from "../../shared/bytes.js";
import { parseCbor, toCbor } from "../../shared/cbor.js";
import { Bytes, Exactly, Price, Whole } from "../../shared/schema.js";
import { federatedLimits } from "../secure-sum/binding.js";
import type { KnownRun } from "./terms.js";

/** Agents that may be drawn, at most. */
const mostCandidates = 10_000;

/**
 * Who takes part, and who may be drawn for the committee: fixed before anybody shows what it adds to the draw, its hash in the pool's log.
 */
export const Roster = Exactly({
  run: Bytes(32),
  /** As in the run's terms: no sum of fewer participants is released. */
  floor: Whole(federatedLimits.leastParticipants, federatedLimits.participants),
  /** In the order of the seats' keys: a participant's index here is its *place*. */
  participants: Type.Array(Exactly({ seat: Bytes(32), participant: Bytes(32), commitment: Bytes(32) }), {
    minItems: federatedLimits.leastParticipants,
    maxItems: federatedLimits.participants,
  }),
  /** Agents that offer the engine `aggregate` and are trusted, by ascending key, with their operators and what they ask for in nAIS per SCU-second. */
  candidates: Type.Array(Exactly({ agent: Bytes(32), operator: Bytes(32), price: Price }), {
    maxItems: mostCandidates,
  }),
});
export type Roster = Static<typeof Roster>;

const shape = Compile(Roster);

/** What a committee member knows of a roster, besides its hash. */
export interface RosterOfMembers {
  readonly run: Uint8Array;
  readonly floor: number;
  /** The participants' keys in their order. */
  readonly participants: readonly Uint8Array[];
  /** SHA-256 of the roster's body. */
  readonly body: Uint8Array;
}

/**
 * The hash of a roster, from what members know of it. All participants hold members to this hash: so whoever tells a member of other participants, or of a
 * lower floor, is found out before anything is signed. Without it a pool could have one participant summed with four that it has made up.
 */
export function rosterNameOf({ run, floor, participants, body }: RosterOfMembers, primitives: Primitives): Uint8Array {
  const known = primitives.sha256(toCbor({ run, floor, participants }));
  return primitives.sha256(ascii("aegis-pool/v1/federated/roster"), known, body);
}

/** Names a roster by its body: what the log holds. Bytes that are no roster have a name too, which is no roster's. */
export function rosterHash(body: Uint8Array, primitives: Primitives): Uint8Array {
  const roster = parseCbor(body);
  const { run, floor, participants } = shape.Check(roster) ? roster : noRoster;
  const keys = participants.map(({ participant }) => participant);
  return rosterNameOf({ run, floor, participants: keys, body: primitives.sha256(body) }, primitives);
}

const noRoster: Roster = { run: new Uint8Array(0), floor: 0, participants: [], candidates: [] };

/** What the pool's log holds of a roster: its entry, as CBOR. */
export function rosterEntry(hash: Uint8Array): Uint8Array {
  return toCbor({ kind: "roster", roster: hash });
}

/** The roster in `body`, or undefined unless it is one of this run, whose seats are ascending and all of the run's own. */
export function openRoster(
  body: Uint8Array,
  { id, terms }: KnownRun,
  seats: readonly Uint8Array[],
): Roster | undefined {
  const roster = parseCbor(body);
  if (!shape.Check(roster) || !equalBytes(toCbor(roster), body) || !equalBytes(roster.run, id)) return undefined;
  if (roster.floor !== terms.floor) return undefined;
  const known = new Set(seats.map((seat) => toHex(seat)));
  const taken = roster.participants.map(({ seat }) => toHex(seat));
  const keys = roster.participants.map(({ participant }) => toHex(participant));
  const isProper = ascends(taken) && taken.every((seat) => known.has(seat)) && new Set(keys).size === keys.length;
  const agents = roster.candidates.map(({ agent }) => toHex(agent));
  return isProper && ascends(agents) && taken.length >= terms.floor * terms.groups ? roster : undefined;
}

function ascends(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || name > (names[index - 1] ?? ""));
}
