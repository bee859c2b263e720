import type { PoolServices } from "../index.js";

/** How much there is of everything, for those who run the pool. */
export interface Overview {
  readonly agents: number;
  readonly jobs: number;
  readonly tasks: { readonly queued: number; readonly matched: number; readonly running: number };
  /** Entries of the log. */
  readonly log: number;
  readonly blobs: { readonly completeBytes: number; readonly unfinishedBytes: number };
  readonly databaseBytes: number;
}

export async function overview({ blobs, database, market, transparency }: PoolServices): Promise<Overview> {
  const size = await database.query<{ bytes: string }>("SELECT pg_database_size(current_database())::text AS bytes");
  const { completeBytes, unfinishedBytes } = blobs.usage();
  const tasks = { queued: 0, matched: 0, running: 0 };
  for (const { counts } of market.board.jobs.values()) {
    for (const state of ["queued", "matched", "running"] as const) tasks[state] += counts[state];
  }
  return {
    agents: market.sessions.size,
    jobs: market.board.jobs.size,
    tasks,
    log: transparency.size,
    blobs: { completeBytes, unfinishedBytes },
    databaseBytes: Number(size.rows[0]?.bytes ?? 0),
  };
}
