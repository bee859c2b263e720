import { readdirSync, readFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hasCode } from "@aegis-pool/platform";

/** A group is busy until the kernel has forgotten the last process in it: tried this often, so many ms apart. */
const [tries, apartMs] = [100, 20];

/** Names of an agent's groups, by its process and when that began: a process number alone may come again. */
export function groupPrefix(pid = process.pid): string {
  return `aegis-${pid}-${startTime(pid) ?? 0}-`;
}

/** Takes away what agents that were killed have left in `folder`, processes among them. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const [, pid, start] = /^aegis-(\d+)-(\d+)-\w+$/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === start) continue;
    for (const left of processesIn(join(folder, name))) kill(left);
    await removeGroup(join(folder, name));
  }
}

/** Removes a group as soon as nothing is in it any more; one that stays busy is left to the next start. */
export async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      return await rmdir(folder);
    } catch (error) {
      if (!hasCode(error, "EBUSY")) return;
      await delay(apartMs);
    }
  }
}

/** When a process began, in ticks since the machine did; undefined where it has ended. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function processesIn(folder: string): number[] {
  try {
    return readFileSync(join(folder, "cgroup.procs"), "latin1").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
