import { chown, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { syncDirectory } from "../sync-directory.js";
import { ownNameOf, type ServerAccount } from "./account.js";
import type { PostgresBinaries } from "./binaries.js";
import { serverFailure } from "./failures.js";
import { runCommand } from "./run-command.js";

/** The database's only user, its superuser. Who may enter the data directory may use the database. */
export const databaseUser = "aegis";

/**
 * Makes the database in `data` where there is none. It becomes visible whole or not at all: made beside, then renamed.
 * @param authentication initdb's arguments about who may come
 * @throws {AegisError} `disk-full`, `database-version` where another major version made it, or `database-failed`
 */
export async function ensureCluster(
  data: string,
  { initdb, majorVersion }: PostgresBinaries,
  account: ServerAccount,
  authentication: readonly string[],
): Promise<void> {
  const passing = `${data}.new`;
  // of a start that was killed, whose initdb may still write its last: 50 ms, 100 ms and so on, 10 s in all
  await rm(passing, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  if (await isMade(data, majorVersion)) return;
  await mkdir(passing, { mode: 0o700 });
  if (account.uid !== undefined) await chown(passing, account.uid, account.gid ?? account.uid);
  const args = [
    "-D",
    ownNameOf(passing, account),
    "-U",
    databaseUser,
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  const { status, output } = await runCommand(initdb, [...args, ...authentication], account, passing);
  if (status !== 0) {
    await rm(passing, { recursive: true, force: true });
    throw serverFailure(data, output);
  }
  await rename(passing, data);
  await syncDirectory(dirname(data));
}

async function isMade(data: string, majorVersion: number): Promise<boolean> {
  const version = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version !== undefined && Number(version) === majorVersion) return true;
  const present = await readdir(data).catch(() => []);
  if (present.length === 0) return false;
  const what = version === undefined ? "holds files but no database" : `was made by PostgreSQL ${version.trim()}`;
  throw new AegisError({
    code: "database-version",
    message: `${data} ${what}; this pool brings PostgreSQL ${majorVersion}.`,
    next: "Start the version of the pool that made it and dump the database, or name another directory.",
  });
}
