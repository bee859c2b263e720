import {
  type Candidate,
  draw,
  drawnOrder,
  equalBytes,
  groupsOf,
  openRoster,
  type Roster,
  rosterEntry,
  rosterHash,
  type RunView,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { refused } from "./refusals.js";
import type { RunWatch } from "./run-watch.js";
import { untilAnswered } from "./until-answered.js";

/** Who takes part and who may be drawn, fixed and in the pool's log. */
export interface StandingRoster {
  readonly roster: Roster;
  readonly hash: Uint8Array;
}

/** A run whose draw is made: everybody computes the same. */
export interface DrawnRun extends StandingRoster {
  /** Candidates in the order in which they are drawn. */
  readonly order: readonly Candidate[];
  /** The group of each participant, by place. */
  readonly groupOf: readonly number[];
}

/**
 * The roster that the pool shows, checked against the run's seats and the pool's log.
 * @throws {AegisError} `federated-refused`, `log-mismatch`
 */
export async function openStandingRoster(
  { body, logIndex }: NonNullable<RunView["roster"]>,
  { known, seats, connection }: RunWatch,
): Promise<StandingRoster> {
  const roster = openRoster(body, known, seats);
  if (!roster) throw refused("shows a roster that is not one of this run, or has too few participants");
  const hash = rosterHash(body, primitives);
  const { log } = connection.client;
  await untilAnswered(
    () => log.requireEntry(rosterEntry(hash), logIndex, "the run's roster is in its log"),
    connection.signal,
  );
  return { roster, hash };
}

/** The draw that the participants' parts make. @throws {AegisError} `federated-refused` where a part is not what was committed to */
export function openDraw({ roster, hash }: StandingRoster, { view, known }: RunWatch): DrawnRun {
  const drawn = draw(roster, hash, view.nonces, primitives);
  if (!drawn) throw refused("shows parts of the draw that participants had not committed to");
  const order = drawnOrder(roster, drawn, primitives);
  return { roster, hash, order, groupOf: groupsOf(roster, drawn, known.terms.groups, primitives) };
}

/** Holds the pool to a roster that was taken before. @throws {AegisError} `federated-refused` */
export function requireSameRoster({ hash }: StandingRoster, { roster }: RunView): void {
  if (!roster || !equalBytes(rosterHash(roster.body, primitives), hash)) {
    throw refused("shows a second roster for one draw");
  }
}
