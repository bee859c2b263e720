import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { AegisError, type ErrorParts } from "@aegis-pool/core";
import { readCpuMs } from "../share/cpu-time.js";
import { readChildPid } from "./child-pid.js";
import { withResolvers } from "./promise.js";
import { frameHeader, FrameReader, type Frame } from "./realm/frames.js";
import { fromSandbox } from "./realm/messages.js";
import { Tail } from "./tail.js";
import { bubblewrapFds } from "./walls/bubblewrap.js";
import type { Command } from "./walls/wall.js";

/** Long enough for a machine whose owner keeps it busy: we run at the lowest priority. */
const startTimeoutMs = 60_000;
const maxStderrBytes = 4096;
/** Body of a `residentBytes` frame: one float64. */
const residentBodyBytes = 8;

/** How a process ended, and the last few kilobytes of its stderr. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Whoever holds a process: the starter, then the stock of warm ones, then one job's runtime. */
export interface Holder {
  /** How long a frame's body may be, by kind; negative where the kind is not expected. */
  maxBodyBytes(kind: number): number;
  frame(frame: Frame): void;
  /** The process broke the framing. It has been killed. */
  broken(error: Error): void;
  ended(ending: Ending): void;
}

/** One sandbox process: frames in, frames out, and its death. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #frames = new FrameReader((kind) => this.#maxBodyBytes(kind));
  readonly #stderr = new Tail(maxStderrBytes);
  #holder: Holder;
  #ending: Ending | undefined;
  #pid: number | undefined;
  #cpuMs = 0;
  /** What the realm last said of its own memory; stays 0 where the host reads it from the system. */
  reportedResidentBytes = 0;

  constructor(child: ChildProcess, holder: Holder) {
    this.#child = child;
    this.#holder = holder;
    (child.stdout as Readable).on("data", (chunk: Buffer) => this.#hear(chunk));
    (child.stderr as Readable).on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    // Writing to a process that just died fails; its end is reported below.
    this.#stdin.on("error", () => {});
    child.once("error", (error) => this.#end(null, null, error.message));
    child.once("close", (code, signal) => this.#end(code, signal, this.#stderr.text()));
  }

  /** Deno's own pid, also behind bubblewrap. */
  get pid(): number {
    return this.#pid ?? 0;
  }

  set pid(pid: number | undefined) {
    this.#pid = pid;
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** CPU time that it has used; of one that has ended what was seen last, at the latest when we killed it. */
  cpuMs(): number {
    if (this.#ending === undefined) this.#cpuMs = Math.max(this.#cpuMs, readCpuMs(this.pid) ?? 0);
    return this.#cpuMs;
  }

  /** Hands the process to another holder. One that has ended says so at once. */
  handTo(holder: Holder): void {
    this.#holder = holder;
    if (this.#ending !== undefined) holder.ended(this.#ending);
  }

  send(kind: number, id: number, parts: readonly Uint8Array[]): void {
    const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.#stdin.cork();
    for (const part of [frameHeader(kind, id, bodyBytes), ...parts]) this.#stdin.write(part);
    this.#stdin.uncork();
  }

  /** Ends it at once, stopped or not. */
  kill(): void {
    if (this.#ending !== undefined) return;
    this.cpuMs();
    if (this.#pid !== undefined && this.#pid !== this.#child.pid) killQuietly(this.#pid);
    this.#child.kill("SIGKILL");
  }

  get #stdin(): Writable {
    return this.#child.stdin as Writable;
  }

  #maxBodyBytes(kind: number): number {
    return kind === fromSandbox.residentBytes ? residentBodyBytes : this.#holder.maxBodyBytes(kind);
  }

  #hear(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#deliver(frame);
    } catch (error) {
      this.kill();
      (this.#child.stdout as Readable).removeAllListeners("data").resume();
      this.#holder.broken(error as Error);
    }
  }

  #deliver(frame: Frame): void {
    if (frame.kind !== fromSandbox.residentBytes) return this.#holder.frame(frame);
    this.reportedResidentBytes = new DataView(frame.body.buffer).getFloat64(0, true);
  }

  #end(code: number | null, signal: string | null, stderr: string): void {
    if (this.#ending !== undefined) return;
    this.#ending = { code, signal, stderr };
    this.#holder.ended(this.#ending);
  }
}

/**
 * Spawns `command` and waits until its realm is hardened and ready.
 * @throws {AegisError} `sandbox-failed` with what it said on stderr
 */
export async function startProcess(command: Command): Promise<SandboxProcess> {
  const child = spawn(command.file, command.args, {
    ...command.spawn,
    cwd: "/",
    env: command.env,
    stdio: ["pipe", "pipe", "pipe", ...(command.bubblewrap === undefined ? [] : (["pipe", "pipe"] as const))],
    windowsHide: true,
  });
  const { promise, resolve, reject } = withResolvers<void>();
  const refuse = (why: string): void => reject(notStarted(command, why));
  const started = new SandboxProcess(child, {
    maxBodyBytes: (kind) => (kind === fromSandbox.ready ? 0 : -1),
    frame: () => resolve(),
    broken: (error) => refuse(error.message),
    ended: (ending) => refuse(ending.stderr || `it ended with code ${ending.code ?? ending.signal}`),
  });
  const late = (): void => reject(new StartTimeout(command));
  const timer = setTimeout(late, startTimeoutMs);
  try {
    started.pid = command.bubblewrap === undefined ? child.pid : await throughBubblewrap(child, command.bubblewrap);
    await promise;
  } catch (error) {
    started.kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return started;
}

/** Hands bubblewrap its filter, and hears from it which process is Deno. */
function throughBubblewrap(
  child: ChildProcess,
  bubblewrap: NonNullable<Command["bubblewrap"]>,
): Promise<number | undefined> {
  const filterPipe = child.stdio[bubblewrapFds.seccomp] as Writable;
  filterPipe.on("error", () => {});
  filterPipe.end(bubblewrap.seccompFilter ?? new Uint8Array());
  return readChildPid(child.stdio[bubblewrapFds.info] as Readable);
}

function notStarted(command: Command, why: string): AegisError {
  return new AegisError(partsOf(command, why));
}

/** A process that was too slow to start says nothing about its walls: no weaker ones may be tried for it. */
export class StartTimeout extends AegisError {
  constructor(command: Command) {
    super(partsOf(command, `it was not ready after ${startTimeoutMs} ms`));
  }
}

function partsOf(command: Command, why: string): ErrorParts {
  return {
    code: "sandbox-failed",
    message: `the sandbox process ${command.file} did not start: ${why}`,
    next: "run `aegis doctor` to see which walls work on this machine",
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
