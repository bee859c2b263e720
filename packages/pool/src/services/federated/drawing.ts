import { mostDraws, type Roster, rosterHash, toCbor, toHex } from "@aegis-pool/core";
import { candidates, operatorsOf } from "./candidates.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./run-parts.js";

/** Begins the draw when every seat is taken, or those that are left of a draw before have had their time; where too few agents can be drawn, it waits for more. */
export async function considerDraw(run: LiveRun, parts: RunParts): Promise<void> {
  const { state } = run;
  const open = state.asked.seats.length - state.barred.size;
  const again = state.draws > 0 && run.sinceMs(`enrol-again-${state.draws}`) > parts.patience.enrolAgainMs;
  if (again && state.enrolled.size < leastOf(run)) return fail(run, tooFewSeats(run));
  if (state.enrolled.size < open && !again) return;
  const why = await beginDraw(run, parts);
  if (run.state.phase !== "enrolling" || why === run.waitsFor) return;
  run.waitsFor = why;
  run.changed();
}

/** Fixes who takes part and who may be drawn, in the log. @returns why not, where that are too few */
export async function beginDraw(run: LiveRun, parts: RunParts): Promise<string | undefined> {
  const { market, transparency, isTrusted, primitives } = parts;
  const { state } = run;
  const { terms, id } = state.known;
  if (state.phase !== "enrolling") return undefined;
  if (state.enrolled.size < leastOf(run)) return tooFewSeats(run);
  const found = candidates(market.sessions.values(), { maxPrice: BigInt(terms.maxPrice), isTrusted });
  if (operatorsOf(found) < terms.committee.size) return tooFewOperators(operatorsOf(found), terms.committee.size);
  const participants = [...state.enrolled.values()].toSorted((a, b) => (toHex(a.seat) < toHex(b.seat) ? -1 : 1));
  const roster: Roster = {
    run: id,
    floor: terms.floor,
    participants: participants.map(({ seat, participant, commitment }) => ({ seat, participant, commitment })),
    candidates: found,
  };
  const body = toCbor(roster);
  const entry = { kind: "roster", roster: rosterHash(body, primitives) } as const;
  const logIndex = await transparency.append(entry, () => Promise.resolve());
  if (state.phase === "enrolling") await run.record({ kind: "roster", body, logIndex });
  return undefined;
}

function leastOf({ state }: LiveRun): number {
  const { floor, groups } = state.known.terms;
  return floor * groups;
}

function tooFewSeats(run: LiveRun): string {
  return `${run.state.enrolled.size} of at least ${leastOf(run)} seats are taken`;
}

/** Has all enrol again where one does not show its part in time. */
export async function checkDraw(run: LiveRun, { patience }: RunParts): Promise<void> {
  const { state } = run;
  if (run.sinceMs(`draw-${state.draws}`) <= patience.revealMs) return;
  const silent = (state.fixed?.roster.participants ?? []).filter((_, place) => !state.nonces.has(place));
  if (state.draws >= mostDraws) return fail(run, `participants did not show their part in ${state.draws} draws`);
  await run.record({ kind: "redraw", barred: silent.map(({ seat }) => seat) });
}

/** Ends a run without a result. */
export function fail(run: LiveRun, reason: string): Promise<void> {
  return run.record({ kind: "ended", phase: "failed", reason });
}

function tooFewOperators(found: number, needed: number): string {
  return `agents of ${found} operators can be drawn for the committee, and it needs ${needed} of different operators`;
}
