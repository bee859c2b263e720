import {
  type AddNoise,
  firstHistory,
  type GroupSum,
  isRoundOver,
  lengthOf,
  overflowOf,
  type Procedure,
  RandomWords,
  readiness,
  type RoundView,
  type RunHistory,
  type RunView,
  signStatement,
  SkellamNoise,
  type Step,
  toHex,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { PoolConnection } from "../pool-client/pool-connection.js";
import { Committees } from "./committees.js";
import { enrolAndDraw } from "./enrol.js";
import type { OnRunEvent } from "./events.js";
import { ParticipationState } from "./participation-state.js";
import { failed, inTime, refused } from "./refusals.js";
import { type RoundSums, takeRoundSums } from "./round-sums.js";
import { RunConnection } from "./run-connection.js";
import type { Invitation, RunReference } from "./run-text.js";
import { RunWatch } from "./run-watch.js";
import type { StateStore } from "./state-store.js";
import { RoundUpload, type Uploading } from "./sum-round.js";
import { untilAnswered } from "./until-answered.js";

/** A procedure, or one that waits for something between its steps, such as a trainer of the participant's own. */
export type AnyProcedure<Result> = Procedure<Result> | AsyncGenerator<Step, Result, readonly GroupSum[]>;

/** How a participant takes part, wherever its program runs. */
export interface TakingPart {
  /** Where it keeps its key in this run and what it must not say twice. A participant that is started again with it goes on as the same. */
  readonly state: StateStore;
  /** Bytes nobody can guess. Default: the platform's. */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined;
  /** The noise of steps that ask for it. Default: Skellam noise from `randomBytes`. */
  readonly addNoise?: AddNoise | undefined;
  readonly onEvent?: OnRunEvent | undefined;
  /** Stops taking part: the run goes on without, and the participant can come back. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes part in a run: each step of `procedure` is masked, summed with all other participants' by a committee that was drawn, and given back as
 * the sums. Believes the pool nothing that it can check. A participant that comes back runs its procedure again over the sums that are there.
 * @returns the procedure's result
 * @throws what the procedure throws; {AegisError} `federated-refused` where the pool does what an honest one does not, `federated-failed` where the run
 * cannot go on, `log-mismatch`, `pool-key-changed`, `pool-unreachable`, `key-unreadable`, `cancelled` by the signal
 */
export async function takePart<Result>(
  invitation: Invitation,
  procedure: AnyProcedure<Result>,
  options: TakingPart,
): Promise<Result> {
  const { randomBytes = (length) => primitives.randomBytes(length), onEvent = () => undefined, signal } = options;
  const watch = await watchRun(invitation, signal);
  const state = await ParticipationState.open(options.state, watch.known.id, randomBytes);
  const own = await enrolAndDraw({ watch, invitation, state, randomBytes, onEvent });
  const addNoise = options.addNoise ?? skellamNoise(randomBytes);
  const committees = new Committees(watch, own.drawn);
  const participation = new Participation({ watch, committees, own, state, addNoise, onEvent });
  const result = await driven(procedure, firstHistory(invitation.plan, primitives), (...step) =>
    participation.sum(...step),
  );
  await participation.leave();
  return result;
}

/** Skellam noise from bytes nobody can guess. */
function skellamNoise(randomBytes: (length: number) => Uint8Array): AddNoise {
  const noise = new SkellamNoise(new RandomWords(randomBytes));
  return (into, variance) => noise.addTo(into, variance);
}

/** The run of an invitation, or of its owner's file, at its pool. */
export async function watchRun(reference: RunReference, signal: AbortSignal | undefined): Promise<RunWatch> {
  const { pool, run } = reference;
  const client = await untilAnswered(() => PoolConnection.open(pool.url, toHex(pool.key)), signal);
  return RunWatch.open(new RunConnection(client, run, signal), reference);
}

/** Gets the sums of one step. */
export type SumStep = (
  step: Step,
  round: number,
  history: RunHistory,
) => Promise<{ readonly sums: readonly GroupSum[]; readonly history: RunHistory }>;

/** Runs a procedure to its end over the sums that `sum` gets; where there are none, it ends too, and can let go of what it holds. */
export async function driven<Result>(
  procedure: AnyProcedure<Result>,
  first: RunHistory,
  sum: SumStep,
): Promise<Result> {
  let turn = await procedure.next();
  let history = first;
  for (let round = 1; !turn.done; round++) {
    const summed = await sum(turn.value, round, history).catch(async (error: unknown) => {
      await procedure.return(undefined as never);
      throw error;
    });
    history = summed.history;
    turn = await procedure.next(summed.sums);
  }
  return turn.value;
}

/** A participant whose draw is made. */
class Participation {
  readonly #uploading: Uploading;
  #rounds = 0;

  constructor(uploading: Uploading) {
    this.#uploading = uploading;
  }

  async sum(step: Step, round: number, history: RunHistory) {
    const { onEvent } = this.#uploading;
    this.#requireWithinTerms(step, round);
    const { view, wasSent } = await this.#roundOver(step, round, history);
    const summed = await takeRoundSums(view, { step, history }, this.#uploading);
    if (wasSent) this.#requireUsed(summed, step, round);
    const participants = summed.sums.reduce((all, each) => all + each.participants, 0);
    const { groupsLost, groupsSpoiled } = summed;
    onEvent({ type: "summed", round, participants, groupsLost, groupsSpoiled });
    this.#rounds = round;
    return summed;
  }

  /** Says that it waits for no further sum, so that others need not wait for it. */
  async leave(): Promise<void> {
    if (this.#uploading.watch.view.phase === "running") await this.#sayReady(this.#rounds + 1, 0);
  }

  /** The round, when it is over: with this participant's part in it unless it was over before. */
  async #roundOver(step: Step, round: number, history: RunHistory): Promise<{ view: RoundView; wasSent: boolean }> {
    const { watch, onEvent } = this.#uploading;
    const over = async () => requireOver(await watch.connection.round(round));
    if (watch.view.rounds >= round)
      return { view: await over(), wasSent: this.#uploading.state.uploadedRound >= round };
    const length = lengthOf(step);
    onEvent({ type: "ready", round, name: step.name, values: length });
    await this.#sayReady(round, length);
    const upload = new RoundUpload(this.#uploading, round, step, history);
    for (let seen = -1; ;) {
      const view = await watch.until((each) => (each.version === seen ? undefined : roundOf(each, round)));
      seen = watch.view.version;
      const { wasSent } = upload;
      if (view === "over") return { view: await over(), wasSent };
      if (await upload.advance(view)) return { view, wasSent };
    }
  }

  /**
   * What was uploaded may be known as a sum, whatever the pool says became of it. Where that sum is not used the procedure would add nearly the same again, and the
   * difference of two sums with and without somebody is what that one has added: only noise would hide it.
   */
  #requireUsed({ groupsUsed }: RoundSums, { name, parts }: Step, round: number): void {
    const { drawn, place } = this.#uploading.own;
    if (groupsUsed.has(drawn.groupOf[place] ?? 0) || parts.every(({ noiseVariance = 0 }) => noiseVariance > 0)) return;
    throw failed(
      `The sum of "${name}" (${round}) was lost or spoiled after values were sent for it. Without noise it is not safe to send such values again`,
    );
  }

  async #sayReady(round: number, length: number): Promise<void> {
    const { watch, state } = this.#uploading;
    const said = { run: watch.known.id, participant: state.signer.publicKey, round, length };
    await inTime(() => watch.connection.say("ready", signStatement(readiness, said, state.signer)));
  }

  #requireWithinTerms(step: Step, round: number): void {
    const { terms } = this.#uploading.watch.known;
    const length = lengthOf(step);
    if (round > terms.rounds) throw failed(`The plan asks for more than the ${terms.rounds} sums of the run's terms.`);
    if (length < 1 || length > terms.values) {
      throw failed(`"${step.name}" has ${length} values: the run's terms allow 1 to ${terms.values}.`);
    }
    const { participants } = this.#uploading.own.drawn.roster;
    const overflow = overflowOf(step, Math.ceil(participants.length / terms.groups));
    if (overflow) throw failed(`The plan's sums could overflow: ${overflow}.`);
  }
}

/** What a view shows of a round; undefined while it has not begun. */
function roundOf({ round, rounds, phase }: RunView, wanted: number): RoundView | "over" | undefined {
  if (phase === "ended" && rounds < wanted) {
    throw failed(`The run has ended after ${rounds} sums, and the plan asks for more.`);
  }
  if (round?.round === wanted) return round;
  return rounds >= wanted ? "over" : undefined;
}

/** A round that is over, by its number. @throws {AegisError} `federated-refused` */
export function requireOver(view: RoundView): RoundView {
  if (!isRoundOver(view)) throw refused(`shows round ${view.round} as over, which it is not`);
  return view;
}
