import {
  AegisError,
  drawCommitment,
  drawReveal,
  enrolment,
  equalBytes,
  maskedUpload,
  openOwnStatement,
  type PhaseRefusal,
  type Primitives,
  readiness,
  readStatement,
  type Signed,
  toHex,
} from "@aegis-pool/core";
import type { LiveRun } from "./live-run.js";

/** Takes a seat; taken again by the same participant it changes nothing. @throws {AegisError} `run-refused` */
export async function enrol(run: LiveRun, signed: Signed, primitives: Primitives): Promise<void> {
  const { state } = run;
  const asked = openOwnStatement(enrolment, signed, ({ seat }) => seat, primitives);
  if (!asked || !equalBytes(asked.run, state.known.id))
    throw refused("the enrolment is not signed by a seat's key for this run");
  const seat = toHex(asked.seat);
  if (!state.asked.seats.some((each) => equalBytes(each, asked.seat))) throw refused("the run has no such seat");
  if (state.barred.has(seat)) throw refused("this seat did not show its part of an earlier draw");
  const before = state.enrolled.get(seat);
  if (before && equalBytes(before.participant, asked.participant) && equalBytes(before.commitment, asked.commitment))
    return;
  if (state.phase !== "enrolling") throw refused("the roster is fixed");
  if (before) throw refused("this seat is taken");
  // also in a draw before: its key stands in that roster, for everybody to take
  if ((state.seatOf.get(toHex(asked.participant)) ?? seat) !== seat) throw refused("this participant has another seat");
  await run.record({ kind: "enrolled", enrolment: signed });
}

/** Takes a participant's part of the draw. @throws {AegisError} `run-refused` */
export async function reveal(run: LiveRun, signed: Signed, primitives: Primitives): Promise<void> {
  const { fixed, nonces, phase } = run.state;
  const shown = openOwnStatement(drawReveal, signed, ({ participant }) => participant, primitives);
  const place = shown ? run.state.placeOf(toHex(shown.participant)) : -1;
  const entry = fixed?.roster.participants[place];
  if (!shown || !fixed || !entry || !equalBytes(shown.roster, fixed.hash))
    throw refused("this is no part of the draw that goes on");
  if (nonces.has(place)) return;
  if (phase !== "drawing") throw refused("no draw goes on");
  if (!equalBytes(drawCommitment(shown.nonce, shown.participant, primitives), entry.commitment))
    throw refused("this is not what the participant had committed to");
  await run.record({ kind: "revealed", reveal: signed });
}

/** A participant waits for the next sum, or for none any more. @throws {AegisError} `run-refused` */
export async function ready(run: LiveRun, signed: Signed, primitives: Primitives): Promise<void> {
  const { state } = run;
  const said = openOwnStatement(readiness, signed, ({ participant }) => participant, primitives);
  const place = said ? state.placeOf(toHex(said.participant)) : -1;
  if (!said || place < 0 || !equalBytes(said.run, state.known.id))
    throw refused("this is not signed by a participant of the run");
  if (said.length > state.known.terms.values)
    throw refused(`${said.length} values are more than the run's ${state.known.terms.values}`);
  const before = state.ready.get(place);
  if (before && before.round >= said.round) return;
  if (state.phase !== "running") throw tooLate();
  if (said.round > state.rounds + 1) throw refused(`round ${said.round} is not the next after ${state.rounds}`);
  await run.record({ kind: "ready", round: said.round, ready: signed });
}

/** Takes an upload's statement; its words are to follow. @throws {AegisError} `run-refused` */
export async function announceUpload(run: LiveRun, signed: Signed): Promise<void> {
  const { state } = run;
  const said = readStatement(maskedUpload, signed);
  const place = said ? state.placeOf(toHex(said.participant)) : -1;
  const attempt = state.attempt;
  if (!said || place < 0) throw refused("this is not an upload of a participant of the run");
  if (!attempt) throw tooLate();
  const isNow = said.round === attempt.terms.round && said.attempt === attempt.terms.attempt;
  if (!isNow) throw tooLate();
  const next = attempt.after(state.groupOf(place), "upload", signed, place);
  if (typeof next === "string") throw uploadRefused(next);
  if (attempt.groups.get(state.groupOf(place)) === next) return;
  await run.record({ kind: "upload", round: attempt.terms.round, place, statement: signed });
}

/** @throws {AegisError} */
function uploadRefused(refusal: PhaseRefusal): AegisError {
  if (refusal === "out-of-turn") return tooLate();
  return refused(
    refusal === "already-uploaded"
      ? "the participant has uploaded something else for this sum"
      : `the upload is refused: ${refusal}`,
  );
}

function tooLate(): AegisError {
  return new AegisError({
    code: "out-of-turn",
    message: "This is about another sum than the one that is open, or none is.",
    next: "Go on with what the run shows.",
  });
}

/** What the pool refuses of a run, in words. */
export function refused(why: string): AegisError {
  return new AegisError({
    code: "run-refused",
    message: `The pool refuses: ${why}.`,
    next: "Look at the run with `aegis federate status`; see docs/errors/run-refused.md.",
  });
}
