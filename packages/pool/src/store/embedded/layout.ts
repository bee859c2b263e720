import { access, constants, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AegisError } from "@aegis-pool/core";
import type { ServerAccount } from "./account.js";
import { runCommand } from "./run-command.js";

/** Where things lie in the directory that an embedded PostgreSQL is given. */
export interface Layout {
  readonly directory: string;
  /** PostgreSQL's own data directory, 0700, owned by the account that runs it. */
  readonly data: string;
  /** One socket per pool that holds, or tries to hold, the directory. */
  readonly lock: string;
  /** A copy of the binaries, where those in node_modules cannot be used in place. */
  readonly binaries: string;
}

/** The {@link Layout} of `directory`. */
export function layoutOf(directory: string): Layout {
  const root = resolve(directory);
  return { directory: root, data: join(root, "data"), lock: join(root, "lock"), binaries: join(root, "binaries") };
}

/**
 * Makes the directory where it is missing. As root it stays root's and others may only pass through it (0711), since the
 * database's account has to reach `data` inside; otherwise it is private (0700).
 * @throws {AegisError} `directory-unreachable` where the pool cannot write it or the database's account cannot enter it
 */
export async function makeDirectories({ directory, lock }: Layout, account: ServerAccount): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: account.uid === undefined ? 0o700 : 0o711 });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    await mkdir(lock, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unreachable(directory, directory, `uid ${process.getuid?.()}`, cause);
  }
  if (account.uid === undefined || (await canEnter(directory, account))) return;
  throw unreachable(directory, await firstClosed(directory, account), `uid ${account.uid}, which runs the database,`);
}

// Tried rather than computed from mode bits, which know nothing of access lists.
async function canEnter(directory: string, account: ServerAccount): Promise<boolean> {
  return (await runCommand("/bin/sh", ["-c", 'cd -- "$1"', "sh", directory], account)).status === 0;
}

async function firstClosed(directory: string, account: ServerAccount): Promise<string> {
  const parent = dirname(directory);
  if (parent === directory || (await canEnter(parent, account))) return directory;
  return firstClosed(parent, account);
}

function unreachable(directory: string, closed: string, who: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "directory-unreachable",
    message: `${directory} cannot be used: ${who} may not enter ${closed}.`,
    next: `Choose a directory whose parents are open to all, such as /var/lib/aegis-pool, or run: chmod o+x ${closed}`,
    cause,
  });
}
