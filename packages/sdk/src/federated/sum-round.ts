import {
  type AttemptView,
  type Committee,
  encodeStep,
  type EncodingSources,
  isAborted,
  isRoundOver,
  lengthOf,
  maskUpload,
  type RoundView,
  type RunHistory,
  stateOf,
  type Step,
} from "@aegis-pool/core";
import { boxSealer, primitives } from "@aegis-pool/platform";
import type { Committees } from "./committees.js";
import type { OwnPlace } from "./enrol.js";
import type { OnRunEvent } from "./events.js";
import type { ParticipationState } from "./participation-state.js";
import { inTime, refused } from "./refusals.js";
import { attemptsOf } from "./round-sums.js";
import type { RunWatch } from "./run-watch.js";

/** What uploading needs, the same for all rounds. */
export interface Uploading {
  readonly watch: RunWatch;
  readonly committees: Committees;
  readonly own: OwnPlace;
  readonly state: ParticipationState;
  readonly addNoise: EncodingSources["addNoise"];
  readonly onEvent: OnRunEvent;
}

/** One participant's part in one round. Its integers are made once, and masked anew for each attempt. */
export class RoundUpload {
  readonly #uploading: Uploading;
  readonly #round: number;
  readonly #step: Step;
  readonly #history: RunHistory;
  /** Those that travel, before they are masked. */
  #integers: Int32Array | undefined;
  /** The last attempt that was uploaded for, with its committee. */
  #last: { readonly attempt: number; readonly committee: Committee } | undefined;
  #isLeftOut = false;

  constructor(uploading: Uploading, round: number, step: Step, history: RunHistory) {
    this.#uploading = uploading;
    this.#round = round;
    this.#step = step;
    this.#history = history;
    // Integers that were uploaded before a restart are gone, and others must not be: two roundings and two noises of the same values tell more than one.
    if (uploading.state.uploadedRound >= round) this.#leaveOut("restarted");
  }

  /** Whether anything was sent in this round. */
  get wasSent(): boolean {
    return this.#last !== undefined;
  }

  /** Does what the round's newest view asks for. @returns whether the round is over */
  async advance(view: RoundView): Promise<boolean> {
    this.#requireInOrder(view);
    const attempts = attemptsOf(view, this.#group);
    const opened = new Map<number, Committee | undefined>();
    for (const { attempt, of } of attempts) opened.set(attempt, await this.#uploading.committees.open(this.#round, of));
    if (isRoundOver(view)) return true;
    const newest = attempts.at(-1);
    const last = this.#last?.attempt ?? 0;
    if (!newest || this.#isLeftOut || newest.attempt === last) return false;
    if (newest.attempt < last) throw refused(`takes back attempt ${last} at round ${this.#round}`);
    const committee = opened.get(newest.attempt);
    if (!committee || newest.view.phase !== "gathering") return false;
    this.#requireAborted(view);
    await this.#upload(newest.of, committee);
    return false;
  }

  get #group(): number {
    const { drawn, place } = this.#uploading.own;
    return drawn.groupOf[place] ?? 0;
  }

  #requireInOrder({ attempts, length }: RoundView): void {
    const isOrdered = attempts.every(({ attempt }, index) => index === 0 || attempt > attempts[index - 1]!.attempt);
    if (!isOrdered) throw refused(`shows the attempts at round ${this.#round} out of their order`);
    const own = lengthOf(this.#step);
    if (length !== own) {
      throw refused(`asks for ${length} values in round ${this.#round}, where the plan has ${own}`);
    }
  }

  /** What was uploaded for is over without a sum, by its committee's word: else the same values could be unmasked twice. */
  #requireAborted(view: RoundView): void {
    if (!this.#last) return;
    const { attempt, committee } = this.#last;
    const shown = attemptsOf(view, this.#group).find((each) => each.attempt === attempt);
    const binding = { run: this.#uploading.watch.known.id, round: this.#round, attempt, group: this.#group };
    if (!shown || !isAborted(shown.view.statements, binding, committee, primitives)) {
      throw refused(
        `asks for the update of round ${this.#round} again without its committee's word that the first is never unmasked`,
      );
    }
    this.#uploading.onEvent({ type: "aborted", round: this.#round, attempt });
  }

  async #upload({ attempt }: AttemptView, committee: Committee): Promise<void> {
    const { watch, state, onEvent } = this.#uploading;
    this.#integers ??= this.#encode();
    const binding = { run: watch.known.id, round: this.#round, attempt, group: this.#group };
    const context = { binding, committee, state: stateOf(this.#history, this.#step, primitives) };
    const upload = await maskUpload(this.#integers.slice(), context, state.signer, boxSealer, primitives);
    if (!upload) throw refused(`has a committee member in round ${this.#round} whose key is none`);
    if (!(await state.recordUpload(this.#round, attempt))) return this.#leaveOut("restarted");
    this.#last = { attempt, committee };
    if (!(await this.#send(upload))) return onEvent({ type: "left-out", round: this.#round, why: "too-late" });
    const bytes = upload.masked.length + upload.statement.body.length + upload.statement.signature.length;
    onEvent({ type: "uploaded", round: this.#round, attempt, bytes });
  }

  /** @returns whether it came in time */
  async #send({ statement, masked, hash }: NonNullable<Awaited<ReturnType<typeof maskUpload>>>): Promise<boolean> {
    const { connection } = this.#uploading.watch;
    return inTime(async () => {
      await connection.say("uploads", statement);
      await connection.put(masked, hash);
    });
  }

  #encode(): Int32Array {
    const { random, arithmetic } = primitives;
    return encodeStep(this.#step, { random, arithmetic, addNoise: this.#uploading.addNoise });
  }

  #leaveOut(why: "restarted"): void {
    this.#isLeftOut = true;
    this.#uploading.onEvent({ type: "left-out", round: this.#round, why });
  }
}
