import { leafHash, type Primitives, toHex, treeRoot } from "@aegis-pool/core";
import type pg from "pg";

/** Entries that are read at a time. */
const page = 5_000;

/** The size and root of the log that the database holds. */
export async function logRoot(client: pg.ClientBase, primitives: Primitives): Promise<{ size: number; root: string }> {
  const leaves: Uint8Array[] = [];
  for (;;) {
    const { rows } = await client.query<{ entry: Buffer }>(
      "SELECT entry FROM log_entries WHERE index >= $1 ORDER BY index LIMIT $2",
      [leaves.length, page],
    );
    if (rows.length === 0) return { size: leaves.length, root: toHex(treeRoot(leaves, primitives)) };
    for (const { entry } of rows) leaves.push(leafHash(entry, primitives));
  }
}
