import { AegisError } from "@aegis-pool/core";
import pg from "pg";

/** bigint columns hold numbers below 2^53 (task numbers, times, µSCU, prices of a lease). */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** A pool of connections with our types. An idle connection that breaks is replaced at the next query. */
export function openDatabase(connection: string | pg.PoolConfig): pg.Pool {
  const config = typeof connection === "string" ? { connectionString: connection } : connection;
  const database = new pg.Pool({ ...config, max: 8, types });
  database.on("error", () => undefined);
  database.on("connect", (client) => client.on("error", () => undefined)); // one that is being closed is nobody's any more
  return database;
}

/** Connects once, since what is wrong with an operator's URL is to be said at the start. @throws {AegisError} `bad-argument`, `database-unreachable` */
export async function requireReachable(url: string): Promise<void> {
  const place = placeOf(url);
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // "connect" fails too
  try {
    await client.connect();
  } catch (cause) {
    throw unreachable(place, cause);
  } finally {
    await client.end(); // after a failure too: pg leaves the connection open until the server has had enough
  }
}

/** What can be shown of a database's URL: everything but passwords. */
function placeOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ["postgres:", "postgresql:"].includes(url.protocol)) return url.host + url.pathname;
  throw new AegisError({
    code: "bad-argument",
    message: "The database's URL is none of a PostgreSQL.",
    next: "Give one such as postgres://user:password@host:5432/database.",
  });
}

function unreachable(place: string, cause: unknown): AegisError {
  const { message, code } = cause as { message?: string; code?: string };
  return new AegisError({
    code: "database-unreachable",
    message: `The database at ${place} cannot be used: ${message || code || "it does not say why"}.`,
    next: "Check host, port, user, password and database in its URL, and that the server runs and lets this machine in.",
    cause,
  });
}
