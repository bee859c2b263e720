import { AegisError, valueTag } from "@aegis-pool/core";
import type { Ending, Holder, SandboxProcess } from "../sandbox/process.js";
import { withResolvers } from "../sandbox/promise.js";
import { FrameError, type Frame } from "../sandbox/realm/frames.js";
import { firstRunId, fromSandbox, fuelBytes, maxMessageBytes, statusOf, toSandbox } from "../sandbox/realm/messages.js";
import type { EngineLimits, RunOutcome, Runtime } from "./engine.js";
import { Step, type Failed, type Verdict } from "./step.js";

/** What V8 and Rust print when the system refuses them memory. */
const outOfMemory = /out of memory|memory allocation of|allocation failed/i;
const utf8 = new TextDecoder();

/** A sandbox process that belongs to one job, and the one step it is at. */
export class SandboxRuntime implements Runtime, Holder {
  readonly #process: SandboxProcess;
  readonly #limits: EngineLimits;
  readonly #gone = withResolvers<void>();
  #step: Step | undefined;
  #loaded: Promise<RunOutcome> | undefined;
  #nextId = firstRunId;
  #isRunning = false;
  #isPaused = false;
  #death: Failed | undefined;

  readonly #ranOutOfMemory: () => boolean;

  /** `ranOutOfMemory` says of an ended process whether the system ended it for its memory. */
  constructor(process: SandboxProcess, limits: EngineLimits, ranOutOfMemory: () => boolean = () => false) {
    this.#ranOutOfMemory = ranOutOfMemory;
    this.#process = process;
    this.#limits = limits;
    process.handTo(this);
  }

  get usable(): boolean {
    return this.#death === undefined;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves once the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Begins to load the program; the first run waits for it. */
  load(request: { kind: number; id: number; parts: readonly Uint8Array[] }): void {
    this.#loaded = this.request({ ...request, timeMs: this.#limits.timeMs });
  }

  async run(input: Uint8Array): Promise<RunOutcome> {
    if (this.#isRunning) throw busy();
    this.#isRunning = true;
    try {
      const loaded = await this.#loaded;
      this.#loaded = undefined;
      if (loaded?.ok === false) return this.#refuseProgram(loaded);
      const request = { kind: toSandbox.run, id: this.#nextId++, parts: [input], timeMs: this.#limits.timeMs };
      const outcome = await this.request(request);
      return { ...outcome, log: (loaded?.log ?? "") + outcome.log };
    } finally {
      this.#isRunning = false;
    }
  }

  /** Sends one request and waits for its answer, its deadline or the end of the process. */
  request(request: { kind: number; id: number; parts: readonly Uint8Array[]; timeMs: number }): Promise<RunOutcome> {
    const { kind, id, parts, timeMs } = request;
    return new Promise((settle) => {
      const late = (): void => this.fail({ reason: "time-limit", message: `no answer after ${timeMs} ms` });
      this.#step = new Step({ id, logBytes: this.#limits.logBytes, timeMs, late, settle });
      if (this.#isPaused) this.#step.pause();
      if (this.#death === undefined) this.#process.send(kind, id, parts);
      else this.#endStep({ reason: "sandbox-broken", message: `the runtime has ended: ${this.#death.message}` });
    });
  }

  /** Its process has been stopped: its clocks stop with it. */
  pause(): void {
    this.#isPaused = true;
    this.#step?.pause();
  }

  /** Its process goes on. */
  resume(): void {
    this.#isPaused = false;
    this.#step?.resume();
  }

  async close(): Promise<void> {
    this.fail({ reason: "sandbox-broken", message: "the runtime was closed" });
    await this.gone;
  }

  /** Kills the process and ends the step it is at, for the first reason given. */
  fail(death: Failed): void {
    this.#death ??= death;
    this.#process.kill();
    this.#endStep(this.#death);
  }

  maxBodyBytes(kind: number): number {
    if (kind === fromSandbox.died) return maxMessageBytes;
    if (this.#step === undefined) return -1;
    if (kind === fromSandbox.log) return this.#step.logBytesLeft;
    if (kind === fromSandbox.fuel) return this.#limits.deterministic === true ? fuelBytes : -1;
    return kind === fromSandbox.done ? Math.max(this.#limits.outputBytes, maxMessageBytes) + 1 : -1;
  }

  frame({ kind, id, body }: Frame): void {
    if (kind === fromSandbox.died) return this.fail(endedItself(utf8.decode(body)));
    if (this.#step?.id !== id) throw new FrameError(`an answer to ${id}, which nobody asked`);
    if (kind === fromSandbox.log) return this.#step.hearLog(body);
    if (kind === fromSandbox.fuel) return this.#step.hearFuel(fuelOf(body));
    this.#endStep(verdictOf(body, id >= firstRunId));
  }

  broken(error: Error): void {
    this.fail({ reason: "sandbox-broken", message: `the process broke its framing: ${error.message}` });
  }

  ended({ code, signal, stderr }: Ending): void {
    if (this.#ranOutOfMemory()) this.fail(overItsMemory(this.#limits));
    this.fail(endedItself(stderr || `code ${code ?? signal}`));
    this.#gone.resolve();
  }

  #refuseProgram(outcome: RunOutcome): RunOutcome {
    this.fail({ reason: "sandbox-broken", message: "its program could not be loaded" });
    return outcome;
  }

  #endStep(verdict: Verdict): void {
    const step = this.#step;
    this.#step = undefined;
    step?.end(verdict);
  }
}

function verdictOf(body: Uint8Array, isRun: boolean): Verdict {
  const status = statusOf(body[0]);
  const rest = body.subarray(1);
  if (status === undefined) throw new FrameError(`an answer of unknown status ${body[0]}`);
  if (status !== "ok") return { reason: status, message: utf8.decode(rest) };
  if (isRun && rest[0] !== valueTag.bytes && rest[0] !== valueTag.json) throw new FrameError("an output without a tag");
  return { output: rest };
}

function fuelOf(body: Uint8Array): number {
  const used = body.length === fuelBytes ? new DataView(body.buffer, body.byteOffset).getFloat64(0, true) : Number.NaN;
  if (Number.isSafeInteger(used) && used >= 0) return used;
  throw new FrameError("an amount of fuel that is none");
}

function overItsMemory({ memoryBytes }: EngineLimits): Failed {
  return { reason: "memory-limit", message: `over ${memoryBytes} bytes of memory` };
}

function endedItself(words: string): Failed {
  if (outOfMemory.test(words)) return { reason: "memory-limit", message: "the process ran out of memory" };
  return { reason: "sandbox-broken", message: `the process ended: ${words}` };
}

function busy(): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: "this runtime is at a run already; it does one at a time",
    next: "wait for the run before, or open another runtime",
  });
}
