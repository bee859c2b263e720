import { readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inUse } from "../directory-errors.js";
import { listens } from "../directory-lock.js";
import { runCommand } from "./run-command.js";

/** Where PostgreSQL listens, in its data directory. */
export const socketName = ".s.PGSQL.5432";

/**
 * Clears what a killed pool or server left in `data`, so that a server can start: stops processes that still run there,
 * then sets aside lock files that name the dead. Only for the holder of the directory's lock.
 * @param shortData a short path of `data`, for its socket
 * @throws {AegisError} `directory-in-use` where something still runs there that cannot be stopped
 */
export async function clearLeftovers(data: string, shortData: string): Promise<void> {
  await stopProcesses(data);
  // Reached although no process was found: it runs in another container, where our process numbers mean nothing.
  if (await listens(join(shortData, socketName))) throw inUse(data, "a database server that this machine's list hides");
  await rm(join(data, socketName), { force: true });
  await rm(join(data, `${socketName}.lock`), { force: true });
  await disownProcessNumber(data);
}

/** Fast shutdown first (rolls back, writes a checkpoint), then immediate (recovered from the log at the next start). */
const shutdowns = [
  { signal: "SIGINT", backendSignal: "SIGTERM", limitMs: 30_000 },
  { signal: "SIGQUIT", backendSignal: "SIGQUIT", limitMs: 10_000 },
] as const;

async function stopProcesses(data: string): Promise<void> {
  for (const { signal, backendSignal, limitMs } of shutdowns) {
    const server = await recordedServer(data);
    const running = await serverProcesses(data);
    if (running.length === 0) return;
    if (server !== undefined && running.includes(server)) kill(server, signal);
    else for (const pid of running) kill(pid, backendSignal); // outlived their server, busy with a query
    if (await haveEnded(data, limitMs)) return;
  }
  throw inUse(data, `database processes that do not stop (${(await serverProcesses(data)).join(", ")})`);
}

async function haveEnded(data: string, limitMs: number): Promise<boolean> {
  const pollMs = 10;
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
    if ((await serverProcesses(data)).length === 0) return true;
    await delay(pollMs);
  }
  return false;
}

/** The processes of the server in `data`. A process number alone proves nothing: another process may have it by now. */
async function serverProcesses(data: string): Promise<number[]> {
  if (process.platform === "linux") return processesWorkingIn(data);
  const server = await recordedServer(data);
  if (server === undefined) return [];
  const { output } = await runCommand("ps", ["-p", String(server), "-o", "args="], {});
  return output.includes(data) ? [server] : [];
}

// PostgreSQL's processes work in their data directory; compared by identity, since a mount may have renamed it.
async function processesWorkingIn(data: string): Promise<number[]> {
  const home = await stat(data);
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (number) => {
      const place = await stat(`/proc/${number}/cwd`).catch(() => undefined);
      const program = await readlink(`/proc/${number}/exe`).catch(() => "");
      return place?.ino === home.ino && place.dev === home.dev && /\/postgres( \(deleted\))?$/.test(program)
        ? [Number(number)]
        : [];
    }),
  );
  return found.flat();
}

async function recordedServer(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * PostgreSQL refuses to start while the process number in `postmaster.pid` is alive, whoever has it by now (likely in
 * containers, where numbers start at 1 again). Nothing runs here any more, so the number becomes one that no system
 * gives. The rest of the file stays: by it PostgreSQL itself checks that no old process holds its shared memory.
 */
async function disownProcessNumber(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  const text = await readFile(path, "utf8").catch(() => undefined);
  const lineEnd = text?.indexOf("\n") ?? -1;
  if (text === undefined || lineEnd < 0) return rm(path, { force: true }); // empty: killed while writing it
  await writeFile(path, `${nobodysNumber}${text.slice(lineEnd)}`);
}

const nobodysNumber = 2 ** 31 - 1;

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
