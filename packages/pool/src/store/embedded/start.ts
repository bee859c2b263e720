import type { AegisError } from "@aegis-pool/core";
import { lockDirectory } from "../directory-lock.js";
import { ownNameOf, serverAccount } from "./account.js";
import { binariesCache, installedBinaries, usableBinaries } from "./binaries.js";
import { ensureCluster } from "./cluster.js";
import { type Layout, layoutOf, makeDirectories } from "./layout.js";
import { clearLeftovers } from "./leftovers.js";
import { type DatabaseConnection, type Place, socketPlace } from "./place.js";
import { type Server, startServer } from "./server.js";
import { serverArguments } from "./settings.js";
import { type Supervised, supervise } from "./supervisor.js";
import { loopbackPlace, startOnWindows } from "./windows.js";

/** What an embedded PostgreSQL is started with. */
export interface EmbeddedPostgresOptions {
  /** Its own folder, made where missing. */
  readonly directory: string;
  /** Gets each line of the server's log. It never holds statements or values. Default: dropped. */
  readonly log?: (line: string) => void;
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
  await makeDirectories(layout);
  const lock = await lockDirectory(layout.lock);
  const place = await (onWindows ? loopbackPlace(layout.directory) : socketPlace(layout.data));
  const release = async (): Promise<void> => {
    await place.release();
    await lock.release();
  };
  try {
    const server = await runServer(layout, place, log);
    return {
      connection: place.connection,
      get pid() {
        return server.pid;
      },
      ended: server.ended,
      async stop() {
        await server.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function runServer(
  { data, binaries: ownCache }: Layout,
  place: Place,
  log: (line: string) => void,
): Promise<Supervised> {
  const account = await serverAccount(data);
  const binaries = await usableBinaries(installedBinaries(), binariesCache(ownCache, account), account);
  await ensureCluster(data, binaries, account, place.authentication);
  const args = serverArguments(ownNameOf(data, account), place.settings);
  const launch = async (): Promise<Server> => {
    if (onWindows) return startOnWindows(binaries, args, data, log);
    await clearLeftovers(data, place.connection.host);
    return startServer({ postgres: binaries.postgres, args, data, account, log });
  };
  return supervise(launch, data, log);
}

const onWindows = process.platform === "win32";
