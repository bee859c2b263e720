import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

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

/** Writes a new run; false where it is there. */
export async function insertRun(database: pg.Pool, run: Uint8Array, asked: Uint8Array): Promise<boolean> {
  const { rowCount } = await database.query(
    "INSERT INTO federated_runs (run, asked) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    [run, asked],
  );
  return rowCount === 1;
}

/** Runs that are not over. */
export async function runsAlive(database: pg.Pool): Promise<RunRow[]> {
  return (await database.query<RunRow>("SELECT run, asked FROM federated_runs WHERE NOT is_over")).rows;
}

/** One run, over or not. */
export async function runRow(database: pg.Pool, run: Uint8Array): Promise<RunRow | undefined> {
  return (await database.query<RunRow>("SELECT run, asked FROM federated_runs WHERE run = $1", [run])).rows[0];
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

export async function markOver(database: pg.Pool, run: Uint8Array): Promise<void> {
  await database.query("UPDATE federated_runs SET is_over = true WHERE run = $1", [run]);
}
