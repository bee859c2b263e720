import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Why system calls cannot be traced here, or undefined where they can. */
export function untraceable(): string | undefined {
  if (process.platform !== "linux") return "system calls are traced on Linux only";
  try {
    execFileSync("strace", ["-e", "trace=none", "true"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "strace is missing, or may not trace (install it: apt-get install strace)";
  }
}

/** What processes tell the disk to keep, seen from outside. */
export class TracedSyncs {
  readonly #tracer: ChildProcess;
  readonly #file: string;

  private constructor(tracer: ChildProcess, file: string) {
    this.#tracer = tracer;
    this.#file = file;
  }

  /** Traces the server that `backend` belongs to: all its processes, and those that it starts. */
  static async start(backend: number, folder: string): Promise<TracedSyncs> {
    const server = await parentOf(backend);
    const pids = [server, ...(await childrenOf(server))];
    const file = join(folder, "syncs");
    const which = ["-f", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-o", file];
    const tracer = spawn("strace", [...which, ...pids.flatMap((pid) => ["-p", String(pid)])], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    for (let attached = ""; attached.split("attached").length <= pids.length;) {
      const [chunk] = (await once(tracer.stderr as NodeJS.ReadableStream, "data")) as [Buffer];
      attached += chunk.toString();
    }
    return new TracedSyncs(tracer, file);
  }

  /** When each call that told the disk to keep a file came back with success, in ms since 1970. */
  async stop(): Promise<number[]> {
    const ended = once(this.#tracer, "exit");
    this.#tracer.kill("SIGINT");
    await ended;
    return (await readFile(this.#file, "utf8")).split("\n").flatMap((line) => endOf(line) ?? []);
  }
}

/** When a call returned 0, in ms since 1970. A call that others interrupted has a line of its own for its end. */
function endOf(line: string): number | undefined {
  const [, at, what, seconds] = /^\d+ +(\d+\.\d+) (.*) = 0 <(\d+\.\d+)>$/.exec(line) ?? [];
  if (at === undefined || what === undefined) return undefined;
  const end = what.startsWith("<...") ? Number(at) : Number(at) + Number(seconds);
  return end * 1_000;
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").map(Number);
}
