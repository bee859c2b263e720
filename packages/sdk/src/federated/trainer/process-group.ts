import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it said on stderr, or of stdout where stderr stayed empty. */
  readonly lastWords: string;
  /** Why we ended it, where it did not end by itself. */
  readonly stopped?: "time-limit" | "interrupted";
}

/** How a process is run. */
export interface ProcessOptions {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Kept of each stream; whatever came before is dropped, so that a talkative process fills no memory. */
const tailBytes = 4_096;
/** How long output is waited for after the end, since a stray process outside the group may hold the pipe open. */
const drainMs = 1_000;

/**
 * Runs a command as the leader of a process group of its own, and waits for its end. What it started in its group ends with it: also when it ended
 * by itself, and when our own process exits. At the time limit or `signal` the group gets SIGTERM, and SIGKILL after the grace.
 * On Windows, which has no process groups, only the process itself is ended.
 * @throws {Error} of Node.js where it cannot be started
 */
export async function runGroup({ command, env, timeoutMs, graceMs, signal }: ProcessOptions): Promise<Ending> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: hasGroups, windowsHide: true });
  const said = [tailOf(child.stderr), tailOf(child.stdout)] as const;
  await once(child, "spawn");
  const killNow = (): void => sendToGroup(child, "SIGKILL");
  process.once("exit", killNow);
  const closed = once(child, "close");
  const limit = new Limit(child, { timeoutMs, graceMs, signal });
  try {
    await ended(child);
  } finally {
    limit.clear();
    killNow();
    process.removeListener("exit", killNow);
  }
  await Promise.race([closed, delay(drainMs, undefined, { ref: false })]);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  const { stopped } = limit;
  const { exitCode: code, signalCode } = child;
  return { code, signal: signalCode, lastWords: said[0]() || said[1](), ...(stopped && { stopped }) };
}

const hasGroups = process.platform !== "win32";

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Ends a process in two steps when its time is up or the signal comes. */
class Limit {
  stopped: Ending["stopped"];
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #interrupt = (): void => this.#stop("interrupted");
  #grace: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, { timeoutMs, graceMs, signal }: Omit<ProcessOptions, "command" | "env">) {
    this.#child = child;
    this.#graceMs = graceMs;
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#stop("time-limit"), timeoutMs);
    signal?.addEventListener("abort", this.#interrupt);
    if (signal?.aborted) this.#interrupt();
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#grace);
    this.#signal?.removeEventListener("abort", this.#interrupt);
  }

  #stop(why: NonNullable<Ending["stopped"]>): void {
    if (this.stopped !== undefined) return;
    this.stopped = why;
    sendToGroup(this.#child, "SIGTERM");
    this.#grace = setTimeout(() => sendToGroup(this.#child, "SIGKILL"), this.#graceMs);
  }
}

function sendToGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Reads a stream to its end and keeps its last bytes. */
function tailOf(stream: NodeJS.ReadableStream): () => string {
  let kept: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
  });
  return () => kept.toString("utf8").trim();
}
