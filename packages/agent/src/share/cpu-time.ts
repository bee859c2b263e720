import { readFileSync } from "node:fs";

/** Linux counts CPU time for /proc in hundredths of a second, on every architecture. */
export const tickMs = 10;

/** CPU time that all threads of a process have used, in ms; undefined where it cannot be read. */
export function readCpuMs(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; the fields after it are numbers. User and system time are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return undefined;
  }
}
