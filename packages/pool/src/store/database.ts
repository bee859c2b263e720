import pg from "pg";

/** bigint columns hold numbers below 2^53 (task numbers, times, µSCU, prices of a lease). */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** A pool of connections with our types. An idle connection that breaks is replaced at the next query. */
export function openDatabase(connection: string | pg.PoolConfig): pg.Pool {
  const config = typeof connection === "string" ? { connectionString: connection } : connection;
  const database = new pg.Pool({ ...config, max: 8, types });
  database.on("error", () => undefined);
  return database;
}
