import type pg from "pg";

/** Rows of one statement: short enough that others hardly wait. */
const batch = 1_000;

/**
 * Deletes what was sealed for up to a batch of tasks that ended before a time: result, log, manifest and input. Receipts stay.
 * @param before ms since 1970
 * @returns how many tasks it was
 */
export async function dropResults(database: pg.Pool, before: number): Promise<number> {
  return dropSealed(database, "ended_at < $1", before);
}

/** The same for the tasks of one job, whenever they ended. */
export async function dropResultsOf(database: pg.Pool, job: Uint8Array): Promise<number> {
  return dropSealed(database, "job = $1", job);
}

async function dropSealed(database: pg.Pool, condition: string, value: unknown): Promise<number> {
  const { rowCount } = await database.query(
    `WITH gone AS (
       UPDATE outcomes SET kept = false, result = NULL, log = NULL
       WHERE number IN (SELECT number FROM outcomes WHERE kept AND ${condition} LIMIT $2) RETURNING number)
     UPDATE tasks SET manifest = '', manifest_signature = '', input = NULL FROM gone WHERE tasks.number = gone.number`,
    [value, batch],
  );
  return rowCount ?? 0;
}

/** Deletes up to a batch of cancelled tasks that were submitted before a time. */
export async function dropCancelled(database: pg.Pool, before: number): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM tasks WHERE number IN (SELECT number FROM tasks WHERE state = 'cancelled' AND age < $1 LIMIT $2)`,
    [before * 1_000, batch],
  );
  return rowCount ?? 0;
}

/** The same for the cancelled tasks of one job. */
export async function dropCancelledOf(database: pg.Pool, job: Uint8Array): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM tasks WHERE number IN (SELECT number FROM tasks WHERE job = $1 AND state = 'cancelled' LIMIT $2)`,
    [job, batch],
  );
  return rowCount ?? 0;
}

/** Deletes up to a batch of receipts of tasks that ended before a time, and the tasks themselves. */
export async function dropReceipts(database: pg.Pool, before: number): Promise<number> {
  const { rowCount } = await database.query(
    `WITH gone AS (
       DELETE FROM outcomes WHERE number IN (SELECT number FROM outcomes WHERE NOT kept AND ended_at < $1 LIMIT $2)
       RETURNING number)
     DELETE FROM tasks USING gone WHERE tasks.number = gone.number`,
    [before, batch],
  );
  return rowCount ?? 0;
}

/** Deletes why up to a batch of leases ended before a time. */
export async function dropEndedLeases(database: pg.Pool, before: number): Promise<number> {
  const { rowCount } = await database.query(
    "DELETE FROM ended_leases WHERE ctid IN (SELECT ctid FROM ended_leases WHERE at < $1 LIMIT $2)",
    [before, batch],
  );
  return rowCount ?? 0;
}

/** Jobs, in hexadecimal, in whose escrow there is money that nothing has moved since a time; a batch at most. */
export async function idleEscrows(database: pg.Pool, since: number): Promise<string[]> {
  const { rows } = await database.query<{ job: string }>(
    `SELECT substr(name, 8) AS job FROM accounts JOIN balances ON account = id
     WHERE name LIKE 'escrow:%' AND balance > 0
       AND NOT EXISTS (SELECT FROM transfers WHERE debit = id AND at >= $1)
       AND NOT EXISTS (SELECT FROM transfers WHERE credit = id AND credit <> 1 AND at >= $1)
     ORDER BY id LIMIT $2`,
    [since, batch],
  );
  return rows.map(({ job }) => job);
}

/** Every manifest that names blobs which are still needed. */
export async function* neededManifests(database: pg.Pool): AsyncGenerator<Buffer> {
  const text = `SELECT number, manifest AS bytes FROM tasks
                WHERE number > $1 AND manifest <> '' AND state <> 'cancelled' ORDER BY number LIMIT $2`;
  yield* pages(database, text);
}

/** The signed run of every result that is a blob, in CBOR. */
export async function* keptRuns(database: pg.Pool): AsyncGenerator<Buffer> {
  const text = `SELECT number, run AS bytes FROM outcomes
                WHERE number > $1 AND kept AND result IS NULL AND run IS NOT NULL ORDER BY number LIMIT $2`;
  yield* pages(database, text);
}

async function* pages(database: pg.Pool, text: string): AsyncGenerator<Buffer> {
  for (let after = -1; ;) {
    const { rows } = await database.query<{ number: number; bytes: Buffer }>(text, [after, batch]);
    for (const { bytes } of rows) yield bytes;
    const last = rows.at(-1);
    if (!last) return;
    after = last.number;
  }
}
