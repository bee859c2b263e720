import { fromCbor, readStatement, runStatement, type Signed, taskManifest, toHex } from "@aegis-pool/core";
import type pg from "pg";
import { keptRuns, neededManifests } from "../../store/retention.js";

/** Every blob that a task still needs, or that holds a result which is kept. */
export async function neededBlobs(database: pg.Pool): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  for await (const body of neededManifests(database)) {
    const manifest = readStatement(taskManifest, { body, signature: new Uint8Array(0) });
    if (!manifest) throw new TypeError("a task's manifest in the database cannot be read");
    const { program, shared, input } = manifest;
    for (const hash of [program, shared, input]) if (hash) needed.add(toHex(hash));
  }
  for await (const bytes of keptRuns(database)) {
    const run = readStatement(runStatement, fromCbor(bytes) as Signed);
    if (!run) throw new TypeError("a run in the database cannot be read");
    needed.add(toHex(run.result));
  }
  return needed;
}
