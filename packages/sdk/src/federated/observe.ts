import { firstHistory, type RoundView, type RunTerms, type RunView, type Step } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { Committees } from "./committees.js";
import { openDraw, openStandingRoster } from "./drawn-run.js";
import type { OnRunEvent } from "./events.js";
import { failed } from "./refusals.js";
import { takeRoundSums } from "./round-sums.js";
import type { RunReference } from "./run-text.js";
import type { RunWatch } from "./run-watch.js";
import { type AnyProcedure, driven, requireOver, watchRun } from "./take-part.js";

/** How a run is looked at. */
export interface ObservationOptions {
  readonly onEvent?: OnRunEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a procedure with no rows over the sums of a run, as its owner does to have the model without taking part: every sum is checked as a participant
 * checks it. Waits for rounds that are not over.
 * @returns the procedure's result, the same as its participants have
 * @throws {AegisError} as `participate`
 */
export async function observe<Result>(
  reference: RunReference,
  procedure: AnyProcedure<Result>,
  { onEvent = () => undefined, signal }: ObservationOptions = {},
): Promise<Result> {
  const watch = await watchRun(reference, signal);
  await watch.until(({ phase }) => (phase === "running" || phase === "ended" ? phase : undefined));
  const { roster } = watch.view;
  if (!roster) throw failed("The run has ended before its draw was made.");
  const drawn = openDraw(await openStandingRoster(roster, watch), watch);
  const committees = new Committees(watch, drawn);
  return driven(procedure, firstHistory(reference.plan, primitives), async (step: Step, round, history) => {
    const view = await overRound(watch, round);
    const summed = await takeRoundSums(view, { step, history }, { watch, committees });
    const participants = summed.sums.reduce((all, each) => all + each.participants, 0);
    const { groupsLost, groupsSpoiled } = summed;
    onEvent({ type: "summed", round, participants, groupsLost, groupsSpoiled });
    return summed;
  });
}

/** How far a run is, by its pool's word alone. */
export interface RunStatus {
  readonly phase: RunView["phase"];
  /** Of a run that failed. */
  readonly reason: string | undefined;
  readonly seats: number;
  readonly enrolled: number;
  /** Rounds that are over. */
  readonly rounds: number;
  /** Participants that wait for the next. */
  readonly ready: number;
  readonly terms: RunTerms;
}

/** Looks at a run once. @throws {AegisError} as `participate` */
export async function statusOf(reference: RunReference, signal?: AbortSignal): Promise<RunStatus> {
  const { view, known, seats } = await watchRun(reference, signal);
  const { phase, reason, enrolled, rounds, ready } = view;
  return { phase, reason, seats: seats.length, enrolled, rounds, ready, terms: known.terms };
}

async function overRound(watch: RunWatch, round: number): Promise<RoundView> {
  await watch.until(({ rounds, phase }) => {
    if (rounds >= round) return true;
    if (phase === "ended") throw failed(`The run has ended after ${rounds} sums, and the plan asks for more.`);
    return undefined;
  });
  return requireOver(await watch.connection.round(round));
}
