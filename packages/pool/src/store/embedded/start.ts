import type { AegisError } from "@aegis-pool/core";
import { lockDirectory } from "../directory-lock.js";
import { shortPath } from "../short-path.js";
import { ownNameOf, serverAccount } from "./account.js";
import { binariesCache, installedBinaries, usableBinaries } from "./binaries.js";
import { databaseUser, ensureCluster } from "./cluster.js";
import { layoutOf, makeDirectories } from "./layout.js";
import { clearLeftovers } from "./leftovers.js";
import { startServer } from "./server.js";
import { serverArguments } from "./settings.js";
import { supervise } from "./supervisor.js";

/** What an embedded PostgreSQL is started with. */
export interface EmbeddedPostgresOptions {
  /** Its own folder, made where missing. */
  readonly directory: string;
  /** Gets each line of the server's log. It never holds statements or values. Default: dropped. */
  readonly log?: (line: string) => void;
}

/** How to reach it; a `pg.PoolConfig`. */
export interface DatabaseConnection {
  /** The folder of its socket; on Windows 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
}

/** A running PostgreSQL that belongs to this process. */
export interface EmbeddedPostgres {
  readonly connection: DatabaseConnection;
  /** The server's process; another one after it was started again. */
  readonly pid: number;
  /** Resolves after `stop()`, or with the reason when the server died and could not be kept running. */
  readonly ended: Promise<AegisError | undefined>;
  /** Shuts down (open transactions roll back) and lets go of the directory. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on `directory`, making the database where there is none (about 0.7 s). It listens on a Unix
 * socket in its private data directory only, commits synchronously, is started again when it dies, and shuts down when
 * this process dies. Whatever a killed predecessor left is cleared first.
 * @throws {AegisError} `directory-in-use`, `directory-unreachable`, `no-database-binaries`, `database-version`,
 * `disk-full` or `database-failed`
 */
export async function startEmbeddedPostgres({
  directory,
  log = () => {},
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const layout = layoutOf(directory);
  const account = await serverAccount(layout.data);
  await makeDirectories(layout);
  const lock = await lockDirectory(layout.lock);
  try {
    const binaries = await usableBinaries(installedBinaries(), binariesCache(layout.binaries, account), account);
    await ensureCluster(layout.data, binaries, account);
    const socketPath = await shortPath(layout.data);
    const args = serverArguments(ownNameOf(layout.data, account), {
      listen_addresses: "",
      unix_socket_directories: ".",
    });
    const launch = async () => {
      await clearLeftovers(layout.data, socketPath.path);
      return startServer({ postgres: binaries.postgres, args, data: layout.data, account, log });
    };
    const server = await supervise(launch, layout.data, log);
    return {
      connection: { host: socketPath.path, port: 5432, user: databaseUser, database: "postgres" },
      get pid() {
        return server.pid;
      },
      ended: server.ended,
      async stop() {
        await server.stop();
        await socketPath.release();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
