import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";
import { dropUnusedMemberTasks, type MemberTaskRow, takeMemberTasks } from "./member-tasks.js";

/** Something that has happened in a run. */
export interface EventRow {
  readonly run: Uint8Array;
  /** In the run's order. */
  readonly sequence: number;
  /** Of which round it is; 0: of the run itself. */
  readonly round: number;
  readonly event: Uint8Array;
  /** Which round ends with it, and how that is shown from now on: its events go. */
  readonly over: { readonly round: number; readonly view: Uint8Array } | undefined;
}

/** Writes what has happened. */
export const insertFederatedEvent: WriteKind<EventRow, true> = {
  order: 20,
  async write(client, rows) {
    const column = <K extends keyof EventRow>(key: K) => rows.map((row) => row[key]);
    await client.query({
      name: "insert-federated-events",
      text: `INSERT INTO federated_events (run, sequence, round, event)
             SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::integer[], $4::bytea[])`,
      values: [column("run"), column("sequence"), column("round"), column("event")],
    });
    for (const { run, over } of rows) if (over) await closeRound(client, run, over.round, over.view);
    return rows.map(() => true);
  },
};

async function closeRound(client: pg.PoolClient, run: Uint8Array, round: number, view: Uint8Array): Promise<void> {
  await client.query("INSERT INTO federated_rounds (run, round, view) VALUES ($1, $2, $3)", [run, round, view]);
  await client.query("DELETE FROM federated_events WHERE run = $1 AND round = $2", [run, round]);
}

/** A run as it was asked for. */
export interface RunRow {
  readonly run: Buffer;
  readonly asked: Buffer;
}

/** A run as it is first written. */
export interface NewRunRow {
  readonly run: Uint8Array;
  /** Its key. */
  readonly owner: Uint8Array;
  readonly asked: Uint8Array;
  readonly tasks: readonly MemberTaskRow[];
}

/** Writes a new run and takes its tasks' numbers: both, or neither. A key that has had a job, or another run, is of no use: what it is paid by names both. */
export function insertRun(
  database: pg.Pool,
  { run, owner, asked, tasks }: NewRunRow,
): Promise<"written" | "known" | "key-used" | "number-taken"> {
  return inTransaction(database, async (client) => {
    const text = "INSERT INTO federated_runs (run, asked) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    if ((await client.query(text, [run, asked])).rowCount === 0) throw new Unfit("known");
    if (((await client.query("SELECT FROM tasks WHERE job = $1 LIMIT 1", [owner])).rowCount ?? 0) > 0)
      throw new Unfit("key-used");
    if (!(await takeMemberTasks(client, tasks))) throw new Unfit("number-taken");
    return "written" as const;
  }).catch((error: unknown) => {
    if (error instanceof Unfit) return error.why;
    throw error;
  });
}

/** Why a run is not written. */
class Unfit extends Error {
  readonly why: "known" | "key-used" | "number-taken";

  constructor(why: Unfit["why"]) {
    super(why);
    this.why = why;
  }
}

/** Runs that are not over. */
export async function runsAlive(database: pg.Pool): Promise<RunRow[]> {
  return (await database.query<RunRow>("SELECT run, asked FROM federated_runs WHERE over_at IS NULL")).rows;
}

/** How a run that is over is shown. */
export async function overView(database: pg.Pool, run: Uint8Array): Promise<Buffer | undefined> {
  const text = "SELECT view FROM federated_runs WHERE run = $1 AND view IS NOT NULL";
  return (await database.query<{ view: Buffer }>(text, [run])).rows[0]?.view;
}

/** What has happened in a run, in order. */
export async function eventsOf(database: pg.Pool, run: Uint8Array): Promise<{ sequence: number; event: Buffer }[]> {
  const { rows } = await database.query<{ sequence: number; event: Buffer }>(
    "SELECT sequence, event FROM federated_events WHERE run = $1 ORDER BY sequence",
    [run],
  );
  return rows;
}

/** A round that is over, as it is shown. */
export async function roundView(database: pg.Pool, run: Uint8Array, round: number): Promise<Buffer | undefined> {
  const { rows } = await database.query<{ view: Buffer }>(
    "SELECT view FROM federated_rounds WHERE run = $1 AND round = $2",
    [run, round],
  );
  return rows[0]?.view;
}

/** A run that is over, and everybody was paid. */
export interface OverRun {
  readonly run: Uint8Array;
  readonly owner: Uint8Array;
  /** ms since 1970. */
  readonly at: number;
  /** As it is shown from now on. */
  readonly view: Uint8Array;
}

export function markOver(database: pg.Pool, { run, owner, at, view }: OverRun): Promise<void> {
  return inTransaction(database, async (client) => {
    await client.query("UPDATE federated_runs SET over_at = $2, view = $3 WHERE run = $1", [run, at, view]);
    await dropUnusedMemberTasks(client, owner);
  });
}

/** Runs that were over before `since`, a few at a time. */
export async function runsOver(database: pg.Pool, since: number, limit: number): Promise<Buffer[]> {
  const text = "SELECT run FROM federated_runs WHERE over_at < $1 LIMIT $2";
  return (await database.query<{ run: Buffer }>(text, [since, limit])).rows.map(({ run }) => run);
}

/** Deletes a run and all that has happened in it. */
export function deleteRun(database: pg.Pool, run: Uint8Array): Promise<void> {
  return inTransaction(database, async (client) => {
    for (const table of ["federated_events", "federated_rounds", "federated_runs"])
      await client.query(`DELETE FROM ${table} WHERE run = $1`, [run]);
  });
}

async function inTransaction<T>(database: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    client.release();
    throw error;
  }
}
