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
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  readonly #log: Uint8Array[] = [];
  logBytesLeft: number;

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
    this.#timer = setTimeout(options.late, options.timeMs);
  }

  hearLog(text: Uint8Array): void {
    this.#log.push(text);
    this.logBytesLeft -= text.length;
  }

  end(verdict: Verdict): void {
    clearTimeout(this.#timer);
    const log = utf8.decode(Buffer.concat(this.#log));
    const wallMs = performance.now() - this.#startedMs;
    this.#settle("output" in verdict ? { ok: true, ...verdict, log, wallMs } : { ok: false, ...verdict, log, wallMs });
  }
}
