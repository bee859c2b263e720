import {
  drawCommitment,
  drawReveal,
  enrolment,
  equalBytes,
  mostDraws,
  type RunView,
  signStatement,
  toHex,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type DrawnRun, openDraw, openStandingRoster, requireSameRoster, type StandingRoster } from "./drawn-run.js";
import type { OnRunEvent } from "./events.js";
import type { ParticipationState } from "./participation-state.js";
import { failed, inTime, refused } from "./refusals.js";
import type { Invitation } from "./run-text.js";
import type { RunWatch } from "./run-watch.js";

/** What a participant does until the draw is made. */
export interface Enrolling {
  readonly watch: RunWatch;
  readonly invitation: Invitation;
  readonly state: ParticipationState;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly onEvent: OnRunEvent;
}

/** A drawn run, and this participant's place in its roster. */
export interface OwnPlace {
  readonly drawn: DrawnRun;
  readonly place: number;
}

/**
 * Takes the seat, shows this participant's part of the draw for one roster, and waits until the draw is made.
 * @throws {AegisError} `federated-refused`, `federated-failed`, `log-mismatch`, `cancelled`
 */
export async function enrolAndDraw(enrolling: Enrolling): Promise<OwnPlace> {
  const { watch, onEvent } = enrolling;
  for (;;) {
    if (watch.view.phase === "enrolling") await takeSeat(enrolling);
    const shown = await watch.until(rosterIn);
    const standing = await openStandingRoster(shown, watch);
    const place = ownPlace(standing, enrolling);
    await show(standing, enrolling);
    const next = await watch.until((each) => afterShowing(each, standing));
    if (next === "again") continue;
    const drawn = openDraw(standing, watch);
    onEvent({ type: "drawn", participants: standing.roster.participants.length, group: drawn.groupOf[place] ?? 0 });
    return { drawn, place };
  }
}

function rosterIn({ roster, phase }: RunView): RunView["roster"] {
  if (!roster && phase === "ended") throw failed("The run has ended before its draw was made.");
  return roster;
}

/** What comes after a part was shown: the draw, or enrolling anew. */
function afterShowing(view: RunView, standing: StandingRoster): "drawn" | "again" | undefined {
  if (view.phase === "enrolling") return "again";
  if (view.phase === "failed") return undefined;
  requireSameRoster(standing, view);
  return view.phase === "drawing" ? undefined : "drawn";
}

/** Enrols; with a new part of the draw where the last was shown: no part serves twice. */
async function takeSeat({ watch, invitation, state, randomBytes, onEvent }: Enrolling): Promise<void> {
  if (state.shownFor) await state.renew(randomBytes(32));
  const participant = state.signer.publicKey;
  const commitment = drawCommitment(state.nonce, participant, primitives);
  const { publicKey: seat } = invitation.seat;
  const said = { run: watch.known.id, seat, participant, commitment };
  // Where the draw has begun meanwhile, the roster says whether an earlier enrolment counts.
  if (!(await inTime(() => watch.connection.say("seats", signStatement(enrolment, said, invitation.seat))))) return;
  onEvent({ type: "enrolled", enrolled: watch.view.enrolled, seats: watch.seats.length });
}

/** This participant's place in a roster. @throws {AegisError} `federated-failed`, `federated-refused` */
function ownPlace({ roster, hash }: StandingRoster, { invitation, state }: Enrolling): number {
  const place = roster.participants.findIndex(({ seat }) => equalBytes(seat, invitation.seat.publicKey));
  const own = roster.participants[place];
  if (!own) throw failed("The run has begun without this participant.");
  if (!equalBytes(own.participant, state.signer.publicKey)) {
    throw refused(
      "has another participant in this seat: somebody else has used the invitation, or the file beside it is gone",
    );
  }
  const commitment = drawCommitment(state.nonce, own.participant, primitives);
  const isShownForAnother = state.shownFor && !equalBytes(state.shownFor, hash);
  if (isShownForAnother || !equalBytes(own.commitment, commitment)) {
    throw refused("asks to draw with a part that it has seen already, or that is not this participant's");
  }
  return place;
}

/** Shows the part of the draw: recorded first, so that it is shown for this roster and no other. */
async function show({ hash }: StandingRoster, { watch, state, onEvent }: Enrolling): Promise<void> {
  if (!state.shownFor && state.timesShown >= mostDraws) throw refused(`begins the draw more than ${mostDraws} times`);
  const isNew = !state.shownFor;
  await state.recordShown(hash);
  if (watch.view.phase !== "drawing") return;
  const said = { roster: hash, participant: state.signer.publicKey, nonce: state.nonce };
  const isTaken = await inTime(() => watch.connection.say("reveals", signStatement(drawReveal, said, state.signer)));
  if (isNew && isTaken) onEvent({ type: "revealed", roster: toHex(hash) });
}
