import type { FailureReason, RunOutcome } from "./engine.js";

/** How a step ended, before its log and time are added. */
export type Verdict = { readonly output: Uint8Array } | Failed;
/** A failure and its words. */
export interface Failed {
  readonly reason: FailureReason;
  readonly message: string;
}

const utf8 = new TextDecoder();

/** One request to a process that waits for its answer: its id, its log so far, its deadline. */
export class Step {
  readonly id: number;
  readonly #settle: (outcome: RunOutcome) => void;
  readonly #late: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Time that it still has, and that it has had, counted up to the last pause or continuation. */
  #leftMs: number;
  #hadMs = 0;
  #sinceMs = performance.now();
  readonly #log: Uint8Array[] = [];
  logBytesLeft: number;
  #fuel: number | undefined;

  constructor(options: {
    id: number;
    logBytes: number;
    timeMs: number;
    late: () => void;
    settle: (outcome: RunOutcome) => void;
  }) {
    this.id = options.id;
    this.logBytesLeft = options.logBytes;
    this.#settle = options.settle;
    this.#late = options.late;
    this.#leftMs = options.timeMs;
    this.#timer = setTimeout(options.late, options.timeMs);
  }

  /** Stops its clock: while its process is stopped, neither its deadline comes nearer nor does its time count. */
  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ranMs = performance.now() - this.#sinceMs;
    this.#hadMs += ranMs;
    this.#leftMs = Math.max(0, this.#leftMs - ranMs);
  }

  resume(): void {
    if (this.#timer !== undefined) return;
    this.#sinceMs = performance.now();
    this.#timer = setTimeout(this.#late, this.#leftMs);
  }

  hearLog(text: Uint8Array): void {
    this.#log.push(text);
    this.logBytesLeft -= text.length;
  }

  hearFuel(used: number): void {
    this.#fuel = used;
  }

  end(verdict: Verdict): void {
    this.pause();
    const log = utf8.decode(Buffer.concat(this.#log));
    const fuel = this.#fuel;
    const end = { log, wallMs: this.#hadMs, ...(fuel !== undefined && { fuel }) };
    this.#settle("output" in verdict ? { ok: true, ...verdict, ...end } : { ok: false, ...verdict, ...end });
  }
}
