import { readFileSync } from "node:fs";
import { vi } from "vitest";

/** Whether process `pid` exists (a zombie that only waits to be reaped does not count). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== "linux" || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}

/** Waits until process `pid` is gone. */
export function gone(pid: number): Promise<void> {
  return vi.waitFor(
    () => {
      if (isAlive(pid)) throw new Error(`process ${pid} lives`);
    },
    { timeout: 10_000, interval: 5 },
  );
}

/** kill -9 for the watcher that shuts server `pid` down when its pool dies: the server then outlives the pool. */
export async function killWatcherOf(pid: number): Promise<void> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  const watchers = children.filter((child) => !readFileSync(`/proc/${child}/cmdline`, "utf8").startsWith("postgres"));
  if (watchers.length !== 1) throw new Error(`expected one watcher, found ${watchers.length}`);
  for (const watcher of watchers) process.kill(watcher, "SIGKILL");
}
