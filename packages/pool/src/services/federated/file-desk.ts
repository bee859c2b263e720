import { fromHex } from "@aegis-pool/core";
import type { Readable } from "node:stream";
import type { RunFiles } from "../../store/run-files.js";
import { expectedFile } from "./expected-files.js";
import type { LiveRun } from "./live-run.js";
import { mismatch, notExpected, tooManySending } from "./run-errors.js";

/** Who can send one file at the same time, at most: each takes as much room as all of it. */
const mostSending = 2;

/**
 * Takes a file that somebody has announced; again it changes nothing. @returns whether it is new
 * @throws {AegisError} `not-found`, `blob-mismatch`, `too-many-uploads`
 */
export async function takeFile(run: LiveRun, hash: string, bytes: Readable, files: RunFiles): Promise<boolean> {
  if (run.files.has(hash)) return false;
  const { attempt } = run.state;
  const kind = expectedFile(fromHex(hash) ?? new Uint8Array(0), attempt);
  if (!kind || !attempt) throw notExpected(hash);
  const file = { kind, hash, length: attempt.terms.length * 4 };
  const taken = await oneOfFew(run, hash, () => files.take(run.id, file, bytes));
  if (taken !== "taken") throw mismatch(hash, taken);
  run.files.add(hash);
  if (kind === "sums") run.changed();
  return true;
}

async function oneOfFew<T>({ taking }: LiveRun, hash: string, take: () => Promise<T>): Promise<T> {
  const before = taking.get(hash) ?? 0;
  if (before >= mostSending) throw tooManySending(hash);
  taking.set(hash, before + 1);
  try {
    return await take();
  } finally {
    const left = (taking.get(hash) ?? 1) - 1;
    if (left > 0) taking.set(hash, left);
    else taking.delete(hash);
  }
}
