import { join } from "node:path";
import type pg from "pg";
import { openDatabase } from "./database.js";
import { startEmbeddedPostgres } from "./embedded/index.js";
import { applyMigrations, poolMigrations } from "./migrations.js";

/** Starts a server of our own in `directory`, with the tables of this version, or those up to the migration `until`. */
export async function openOwnDatabase(
  directory: string,
  until?: number,
): Promise<{ database: pg.Pool; close(): Promise<void> }> {
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), log: () => undefined });
  const database = openDatabase(server.connection);
  await applyMigrations(database, poolMigrations, until);
  const close = async () => {
    await database.end();
    await server.stop();
  };
  return { database, close };
}
