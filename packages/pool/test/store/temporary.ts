import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty directory, removed after the test. The database's account can pass through it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aegis-store-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
