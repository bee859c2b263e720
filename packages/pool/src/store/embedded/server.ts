import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ServerAccount } from "./account.js";
import { serverFailure } from "./failures.js";
import { plainEnvironment } from "./run-command.js";

/** One running PostgreSQL. */
export interface Server {
  readonly pid: number;
  /** Resolves when the process has ended, with the end of its log. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** What a server is started from. */
export interface ServerOptions {
  readonly postgres: string;
  readonly args: readonly string[];
  readonly data: string;
  readonly account: ServerAccount;
  readonly log: (line: string) => void;
}

/**
 * Becomes PostgreSQL, leaving behind a watcher that shuts it down when the pool is gone: the pool holds the other end of
 * standard input, and the kernel closes that with it, also at kill -9. So no query of a dead pool goes on. The watcher
 * is left to the system (forked twice): PostgreSQL takes the death of a child it does not know for a crash.
 */
const guarded = `
exec 3<&0
( { read -r _ <&3; kill -INT $$; } </dev/null >/dev/null 2>&1 & )
exec "$@" </dev/null 3<&-
`;

/** Recovery after a crash reads at most max_wal_size: seconds, on a slow disk a minute. */
const readyLimitMs = 300_000;
/** Fast shutdown writes a checkpoint. */
const stopLimitMs = 60_000;
const logLinesKept = 50;
const lastLinesMs = 100;

/**
 * Starts PostgreSQL and waits until it accepts connections.
 * @throws {AegisError} `disk-full`, `directory-in-use`, `directory-unreachable` or `database-failed`
 */
export function startServer({ postgres, args, data, account, log }: ServerOptions): Promise<Server> {
  // detached: Ctrl-C in a terminal is for the pool, which stops the database when it has written its last.
  const child = spawn("/bin/sh", ["-c", guarded, "sh", postgres, ...args], {
    ...account,
    cwd: data,
    env: plainEnvironment,
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  return untilReady(child, data, log, () => child.kill("SIGINT"));
}

/**
 * The server that `child` becomes once it accepts connections. Its standard error is its log.
 * @param shutDown asks it for a fast shutdown: open transactions roll back
 * @throws {AegisError} as {@link startServer}
 */
export async function untilReady(
  child: ChildProcess & { readonly stderr: Readable },
  data: string,
  log: (line: string) => void,
  shutDown: () => unknown,
): Promise<Server> {
  const kept: string[] = [];
  const ended = endOf(child).then((reason) => [...kept, ...reason].join("\n"));
  const ready = new Promise<"ready">((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      kept.push(line);
      if (kept.length > logLinesKept) kept.shift();
      log(line);
      if (line.includes("database system is ready to accept connections")) resolve("ready");
    });
  });
  const output = await killedAfter(readyLimitMs, child, Promise.race([ready, ended]));
  if (output !== "ready") throw serverFailure(data, output);
  const stop = async (): Promise<void> => {
    await shutDown();
    await killedAfter(stopLimitMs, child, ended);
  };
  return { pid: child.pid ?? 0, ended, stop };
}

/** Resolves when the process has ended, with why it could not be started, where that is so. */
function endOf(child: ChildProcess): Promise<string[]> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve([error.message]));
    child.once("close", () => resolve([]));
    // A query that outlives its killed server holds the log open: then the last lines have to have come by now.
    child.once("exit", () => setTimeout(() => resolve([]), lastLinesMs));
  });
}

/** What `end` brings; where it takes too long, `child` shuts down at once, which the next start recovers from. */
function killedAfter<T>(limitMs: number, child: ChildProcess, end: Promise<T>): Promise<T> {
  const timer = setTimeout(() => child.kill("SIGQUIT"), limitMs);
  return end.finally(() => clearTimeout(timer));
}
