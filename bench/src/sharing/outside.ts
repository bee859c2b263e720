import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Linux counts CPU time for /proc in hundredths of a second. */
const tickMs = 10;
const lookEveryMs = 2;

/** CPU time of all threads of a process, in ms, read from outside. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Resident bytes of a process: now, and the most there ever were. Undefined once it has ended. */
export function memoryOf(pid: number): { readonly now: number; readonly most: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const field = (name: string): number | undefined => {
      const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
    };
    const [now, most] = [field("VmRSS"), field("VmHWM")];
    return now === undefined || most === undefined ? undefined : { now, most };
  } catch {
    return undefined;
  }
}

/** Percent of one core that processes use together over `ms`. */
export async function cpuPercentOver(ms: number, pids: readonly number[]): Promise<number> {
  const sum = (): number => pids.reduce((total, pid) => total + cpuMsOf(pid), 0);
  const [started, before] = [performance.now(), sum()];
  await delay(ms);
  return (100 * (sum() - before)) / (performance.now() - started);
}

/** The most resident memory that a process has had, read until it ends, or until `ms` have passed. */
export async function mostMemory(pid: number, ms: number): Promise<number> {
  let most = 0;
  for (const started = performance.now(); performance.now() - started < ms; await delay(lookEveryMs)) {
    const memory = memoryOf(pid);
    if (memory === undefined) break;
    most = Math.max(most, memory.most);
  }
  return most;
}
