import type { Primitives } from "../../privacy/primitives.js";
import { ascii, concatBytes, equalBytes, toHex } from "../../shared/bytes.js";
import type { CommitteeShape } from "../secure-sum/committee.js";
import type { Roster } from "./roster.js";

/**
 * Who the committee is, drawn so that nobody chooses: not the pool, which names the candidates before it knows the seed, and not a participant, which
 * has committed to its part before it sees the others'. The seed is a hash of all parts; one honest participant makes it random. Who withholds its
 * part can only have the draw begin anew without it, a bounded number of times, and the log shows it. Each draw has fresh parts: a run goes back to
 * enrolling, and who had shown its part enrols again, under the same key and with another commitment. Whoever knows all parts before the
 * roster stands could try rosters until the committee is to its liking.
 */
export interface Draw {
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

/** How often a draw may begin anew, for participants that do not show their part. */
export const mostDraws = 2;

/** Drawn agents that may be passed over in a run since they failed, as a multiple of the committee's size: each costs whoever draws a choice. */
export const mostPassedOver = 1;

const label = (what: string) => ascii(`aegis-pool/v1/federated/draw-${what}`);

/** What a participant says before it shows `nonce`, 32 random bytes. */
export function drawCommitment(nonce: Uint8Array, participant: Uint8Array, primitives: Primitives): Uint8Array {
  return primitives.sha256(label("commitment"), participant, nonce);
}

/** The draw, from all participants' nonces in the order of the roster; undefined where one is not what its participant had committed to. */
export function draw(
  roster: Roster,
  hash: Uint8Array,
  nonces: readonly Uint8Array[],
  primitives: Primitives,
): Draw | undefined {
  const { participants } = roster;
  const isWhole = participants.every(({ participant, commitment }, place) => {
    const nonce = nonces[place];
    return nonce?.length === 32 && equalBytes(drawCommitment(nonce, participant, primitives), commitment);
  });
  if (!isWhole || nonces.length !== participants.length) return undefined;
  return { seed: primitives.sha256(label("seed"), hash, concatBytes(...nonces)) };
}

/** An agent that can be drawn. */
export type Candidate = Roster["candidates"][number];

/** All candidates in the order in which they are drawn: operators in an order of their own, whoever has however many agents, and of each the first of its agents. */
export function drawnOrder({ candidates }: Roster, { seed }: Draw, primitives: Primitives): readonly Candidate[] {
  const rankOf = (what: string, key: Uint8Array) => toHex(primitives.sha256(label(what), seed, key));
  const first = new Map<string, { readonly candidate: Candidate; readonly rank: string }>();
  for (const candidate of candidates) {
    const [operator, rank] = [toHex(candidate.operator), rankOf("rank", candidate.agent)];
    const before = first.get(operator);
    if (!before || rank < before.rank) first.set(operator, { candidate, rank });
  }
  return [...first.values()]
    .map(({ candidate }) => ({ candidate, rank: rankOf("operator", candidate.operator) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/**
 * The committee: the first of the drawn order that are not `passedOver`, or undefined where there are too few or too many were passed over.
 * @param passedOver agents' keys in hexadecimal
 */
export function committeeOf(
  order: readonly Candidate[],
  { size }: CommitteeShape,
  passedOver: ReadonlySet<string>,
): readonly Candidate[] | undefined {
  if (passedOver.size > size * mostPassedOver) return undefined;
  const members = order.filter(({ agent }) => !passedOver.has(toHex(agent))).slice(0, size);
  return members.length === size ? members : undefined;
}

/**
 * The group of each participant, by place: the roster in an order that the draw gives it, cut into `groups` parts whose sizes differ by one at most. Fixed
 * for the whole run, before anything is uploaded.
 */
export function groupsOf(
  { participants }: Roster,
  { seed }: Draw,
  groups: number,
  primitives: Primitives,
): readonly number[] {
  const places = participants
    .map(({ participant }, place) => ({ place, rank: toHex(primitives.sha256(label("group"), seed, participant)) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const groupOf: number[] = Array.from({ length: participants.length }, () => 0);
  for (const [index, { place }] of places.entries())
    groupOf[place] = Math.floor((index * groups) / participants.length);
  return groupOf;
}
