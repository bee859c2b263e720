import { execFile, type SpawnOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Purpose } from "./walls/gpu.js";
import type { SandboxProcess } from "./process.js";

const run = promisify(execFile);
const watchEveryMs = 50;
/**
 * V8 and its threads map a little more after the baseline was read: stacks, code, the young generation. A driver of a
 * graphics card maps much more: what it compiles, and windows to the card's memory.
 */
const dataSlackBytes: Readonly<Record<Purpose, number>> = { plain: 64 * 1024 * 1024, gpu: 512 * 1024 * 1024 };

/** Memory of a process as Linux counts it. */
export interface MemoryUse {
  readonly residentBytes: number;
  /** What RLIMIT_DATA counts: private writable mappings, touched or not. */
  readonly dataBytes: number;
}

/** From /proc; undefined on other systems and where the process is gone. */
export function readMemory(pid: number): MemoryUse | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
    return { residentBytes: field("VmRSS") + field("VmSwap"), dataBytes: field("VmData") };
  } catch {
    return undefined;
  }
}

/** Resident bytes now: from the system, else what the realm reported of itself. */
function residentBytes(process: SandboxProcess): number {
  return readMemory(process.pid)?.residentBytes ?? process.reportedResidentBytes;
}

/** Allows a process `memoryBytes` more than it has now. */
export type DataLimiter = (process: SandboxProcess, memoryBytes: number) => Promise<void>;

/**
 * Limits by RLIMIT_DATA, so that an allocation over the bound fails inside as a RangeError. `prlimit` runs as the
 * process's own user: in a container not even root may limit somebody else's.
 */
export function dataLimiter(prlimit: string, user: Pick<SpawnOptions, "uid" | "gid">, purpose: Purpose): DataLimiter {
  return async (process, memoryBytes) => {
    const bytes = (readMemory(process.pid)?.dataBytes ?? 0) + memoryBytes + dataSlackBytes[purpose];
    await run(prlimit, ["--pid", String(process.pid), `--data=${Math.ceil(bytes)}`], user);
  };
}

/** Calls `over` once when `process` has `memoryBytes` more resident than now. Returns what stops the watching. */
export function watchMemory(process: SandboxProcess, memoryBytes: number, over: () => void): () => void {
  const most = residentBytes(process) + memoryBytes;
  const timer = setInterval(() => {
    if (residentBytes(process) <= most) return;
    clearInterval(timer);
    over();
  }, watchEveryMs);
  return () => clearInterval(timer);
}
