import { shortPath } from "../short-path.js";
import { databaseUser } from "./cluster.js";
import { socketName } from "./leftovers.js";

/** How to reach the database; a `pg.PoolConfig`. */
export interface DatabaseConnection {
  /** The folder of its socket; on Windows 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Windows only: elsewhere the right to enter the socket's folder is the right to use the database. */
  readonly password?: string;
}

/** Where the server listens, and who may come. */
export interface Place {
  readonly connection: DatabaseConnection;
  /** For the server's command line. */
  readonly settings: Readonly<Record<string, string>>;
  /** For initdb's command line. */
  readonly authentication: readonly string[];
  release(): Promise<void>;
}

/** A Unix socket in the private data directory, and no network at all. The name is relative: paths may be too long. */
export async function socketPlace(data: string): Promise<Place> {
  const short = await shortPath(data);
  return {
    connection: {
      host: short.path,
      port: Number(socketName.split(".").at(-1)),
      user: databaseUser,
      database: "postgres",
    },
    settings: { listen_addresses: "", unix_socket_directories: "." },
    authentication: ["--auth-local=trust", "--auth-host=reject"],
    release: () => short.release(),
  };
}
