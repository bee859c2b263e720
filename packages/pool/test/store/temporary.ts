import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, onTestFinished } from "vitest";
import { startEmbeddedPostgres } from "../../src/store/embedded/index.js";

/** An empty directory, removed after the test. As root it is one that the database's account cannot pass. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aegis-store-"));
  // Retried: the server of a pool that the test killed may still write its last while we remove the files.
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return directory;
}

let made: Promise<string> | undefined;

/** A directory with a fresh database, a copy of one made once per test file: for tests that are not about making it. */
export async function directoryWithDatabase(): Promise<string> {
  made ??= makeOnce();
  const directory = await temporaryDirectory();
  await promisify(execFile)("cp", ["-a", join(await made, "data"), directory]);
  return directory;
}

async function makeOnce(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aegis-store-made-"));
  const database = await startEmbeddedPostgres({ directory });
  await database.stop();
  return directory;
}

afterAll(async () => {
  if (made !== undefined) await rm(await made, { recursive: true, force: true });
});
