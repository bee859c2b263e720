import { toCbor, toHex } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import { insertFederatedEvent } from "../../store/federated-rows.js";
import type { Clock } from "../clock.js";
import type { GroupCommit } from "../group-commit.js";
import { type RunEvent, roundOf } from "./events.js";
import type { RunState } from "./state/run-state.js";
import { roundView, runView } from "./views.js";

/** What a live run writes with. */
export interface RunWriting {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
}

/** Those that wait for a run to change, at most. */
const mostWaiting = 4_096;

/** A run that is not over, in memory: how it stands, who waits for it to change, and since when it has stood so. */
export class LiveRun {
  readonly state: RunState;
  readonly id: string;
  readonly #writing: RunWriting;
  /** Hashes of files that are there, in hexadecimal. */
  readonly files: Set<string>;
  /** How many send a file at the moment, by its hash in hexadecimal. */
  readonly taking = new Map<string, number>();
  /** Members, by key in hexadecimal, whose payment is being written. */
  readonly paying = new Set<string>();
  #sequence: number;
  /** What is shown changes with it. */
  #version: number;
  #shown: { readonly version: number; readonly bytes: Uint8Array } | undefined;
  readonly #waiting = new Set<() => void>();
  /** Rounds that are over and on their way to the database, as they are shown. */
  readonly #unwritten = new Map<number, Uint8Array>();
  #eventAt: number;
  /** When something was first seen to be so, ms since 1970. */
  readonly #since = new Map<string, number>();

  constructor(state: RunState, files: Set<string>, sequence: number, writing: RunWriting) {
    this.state = state;
    this.id = toHex(state.known.id);
    this.files = files;
    this.#writing = writing;
    this.#sequence = sequence;
    this.#version = sequence;
    this.#eventAt = writing.clock();
  }

  /** What the run's draw waits for, in words. */
  waitsFor: string | undefined;

  /** Told when something has happened: more may follow from it. */
  onRecorded: () => void = () => undefined;

  /** It happens now; resolves when that is durable. */
  async record(event: RunEvent): Promise<void> {
    const { round: ending } = this.state;
    const over =
      event.kind === "round-over" && ending ? { round: event.round, view: toCbor(roundView(ending)) } : undefined;
    this.state.apply(event);
    this.#eventAt = this.#writing.clock();
    if (over) this.#since.clear();
    if (over) this.#unwritten.set(over.round, over.view);
    if (isSeen(event, this.state)) this.changed();
    const row = {
      run: this.state.known.id,
      sequence: this.#sequence++,
      round: roundOf(event),
      event: toCbor(event),
      over,
    };
    this.onRecorded();
    await this.#writing.commit.submit(insertFederatedEvent, row);
    if (over) this.#unwritten.delete(over.round);
  }

  /** A round that is over, and not in the database yet. */
  roundJustOver(round: number): Uint8Array | undefined {
    return this.#unwritten.get(round);
  }

  /** What is shown is another now. */
  changed(): void {
    this.#version++;
    for (const wake of this.#waiting) wake();
  }

  /** The run as it is shown, in CBOR. */
  view(): Uint8Array {
    if (this.#shown?.version !== this.#version)
      this.#shown = { version: this.#version, bytes: toCbor(runView(this.state, this.#version, this.waitsFor)) };
    return this.#shown.bytes;
  }

  /** Resolves when the run is shown in another version than `seen`, or after `patienceMs`. */
  whenChanged(seen: number, patienceMs: number): Promise<void> {
    if (seen !== this.#version || this.#waiting.size >= mostWaiting) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting;
      const timer = setTimeout(wake, patienceMs);
      waiting.add(wake);
      function wake() {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      }
    });
  }

  /** How long nothing has happened, in ms. */
  quietMs(): number {
    return this.#writing.clock() - this.#eventAt;
  }

  /** How long it has been so, in ms, by what it is called: 0 the first time. */
  sinceMs(what: string): number {
    const now = this.#writing.clock();
    const since = this.#since.get(what) ?? now;
    this.#since.set(what, since);
    return now - since;
  }
}

/** Whether those who wait want to hear of it: of uploads and readiness a hundred come for each thing that follows from them. */
function isSeen({ kind }: RunEvent, { phase, attempt }: RunState): boolean {
  if (kind === "revealed") return phase === "running";
  if (kind === "keys") return attempt?.committee !== undefined;
  if (kind === "verdict") return attempt?.isOver === true;
  return ["roster", "redraw", "lost", "round-over", "ended"].includes(kind);
}
