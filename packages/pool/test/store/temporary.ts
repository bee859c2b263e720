import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, onTestFinished } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/store/embedded/index.js";

/** An empty directory, removed after the test. As root it is one that the database's account cannot pass. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aegis-store-"));
  // Retried: the server of a pool that the test killed may still write its last while we remove the files.
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return directory;
}

/**
 * Directories with a fresh database, copies of one made once: for tests that are not about making it. To be called at
 * the top of a test file, after whose tests the one that is copied is removed.
 */
export function databaseDirectories(): () => Promise<string> {
  let made: Promise<string> | undefined;
  afterAll(async () => {
    if (made !== undefined) await rm(await made, { recursive: true, force: true });
  });
  return async () => {
    made ??= makeOnce();
    const directory = await temporaryDirectory();
    await promisify(execFile)("cp", ["-a", join(await made, "data"), directory]);
    return directory;
  };
}

async function makeOnce(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aegis-store-made-"));
  const database = await startEmbeddedPostgres({ directory });
  await withoutTemplates(database);
  await database.stop();
  return directory;
}

/** Two of PostgreSQL's three databases are there to be copied for new ones, which nobody asks for here: two thirds of its files. */
async function withoutTemplates({ connection }: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query("UPDATE pg_database SET datistemplate = false");
  for (const name of ["template0", "template1"]) await client.query(`DROP DATABASE ${name}`);
  await client.end();
}
