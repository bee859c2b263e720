import { readdirSync, readFileSync, readlinkSync } from "node:fs";
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
export function killWatcherOf(pid: number): void {
  const home = readlinkSync(`/proc/${pid}/cwd`);
  const watchers = readdirSync("/proc").filter((number) => {
    try {
      return readlinkSync(`/proc/${number}/cwd`) === home && /\/(da|ba)?sh$/.test(readlinkSync(`/proc/${number}/exe`));
    } catch {
      return false; // no process, or gone by now
    }
  });
  if (watchers.length !== 1) throw new Error(`expected one watcher, found ${watchers.length}`);
  process.kill(Number(watchers[0]), "SIGKILL");
}
