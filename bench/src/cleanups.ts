import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Cleanup = () => Promise<unknown>;

const cleanups = new Set<Cleanup>();

/** Does `cleanup` when the returned function is called, or at Ctrl-C, whichever comes first; once. */
export function cleanedUp(cleanup: Cleanup): Cleanup {
  let done: Promise<unknown> | undefined;
  const once = (): Promise<unknown> => (done ??= cleanup().finally(() => cleanups.delete(once)));
  cleanups.add(once);
  return once;
}

/** From now on Ctrl-C, or a request to end, cleans up first: the newest first, as processes stand in older folders. */
export function cleanUpOnSignals(): void {
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(exitCodes)) process.once(signal, () => void cleanUpAndExit(code));
}

async function cleanUpAndExit(code: number): Promise<void> {
  process.on("uncaughtException", () => undefined); // a benchmark whose processes go away fails, which is no news now
  for (const cleanup of [...cleanups].toReversed()) await cleanup().catch(() => undefined);
  process.exit(code);
}

/** A folder of our own that is gone afterwards. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove: Cleanup }> {
  const path = await mkdtemp(join(tmpdir(), "aegis-bench-"));
  return { path, remove: cleanedUp(() => rm(path, { recursive: true, force: true })) };
}
