import { readSigned, type Signed, type TaskState, toHex } from "@aegis-pool/core";
import type pg from "pg";
import type { Outcome } from "./task-writes.js";

/** A task that is not over, as a starting pool finds it. */
export interface LiveRow {
  readonly number: number;
  readonly job: Buffer;
  readonly age: number;
  readonly state: TaskState;
  readonly fence: number;
  readonly manifest: Buffer;
  readonly agent: Buffer | null;
  readonly price: number | null;
  readonly speed: number | null;
  readonly released_at: number | null;
  readonly replica_of: number | null;
}

/** Every task that is not over, the oldest first. */
export async function liveTasks(database: pg.Pool): Promise<LiveRow[]> {
  const { rows } = await database.query<LiveRow>(
    `SELECT number, job, age, state, fence, manifest, agent, price, speed, released_at, replica_of FROM tasks
     WHERE state IN ('queued', 'matched', 'running') ORDER BY age`,
  );
  return rows;
}

/** The gangs of unfinished tasks of which one has run, each by its {@link gangKey}: what is left of them begins by itself. */
export async function begunGangs(database: pg.Pool): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ job: Buffer; gang: number }>(
    `SELECT DISTINCT job, gang FROM tasks AS waiting JOIN tasks AS begun USING (job, gang)
     WHERE waiting.state IN ('queued', 'matched', 'running') AND begun.state IN ('running', 'completed', 'failed', 'settled')`,
  );
  return new Set(rows.map(({ job, gang }) => gangKey(job, gang)));
}

export function gangKey(job: Uint8Array, gang: number | undefined): string {
  return `${toHex(job)} ${gang}`;
}

/** How many of a job's tasks ended in which way, and the sequence number of the last to end. */
export interface JobTally {
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly lastSequence: number;
  /** nAIS in its escrow. */
  readonly escrow: bigint;
}

/** The tally of one job; all zero where it is not known. */
export async function jobTally(database: pg.Pool, job: Uint8Array): Promise<JobTally> {
  const { rows } = await database.query<Omit<JobTally, "escrow"> & { escrow: string }>({
    name: "job-tally",
    text: `SELECT count(*) FILTER (WHERE outcomes.state = 'completed') AS completed,
             count(*) FILTER (WHERE outcomes.state = 'failed') AS failed,
             count(*) FILTER (WHERE tasks.state = 'cancelled') AS cancelled,
             coalesce(max(outcomes.sequence), 0) AS "lastSequence",
             (SELECT coalesce(sum(balance), 0) FROM accounts JOIN balances ON account = id
              WHERE name = 'escrow:' || encode($1, 'hex'))::text AS escrow
           FROM tasks LEFT JOIN outcomes USING (number) WHERE tasks.job = $1`,
    values: [job],
  });
  const [row] = rows;
  if (!row) throw new TypeError("an aggregate is one row");
  return { ...row, escrow: BigInt(row.escrow) };
}

/** Those of `numbers` that are tasks of the job, over or not. */
export async function tasksOf(database: pg.Pool, job: Uint8Array, numbers: readonly number[]): Promise<Set<number>> {
  const { rows } = await database.query<{ number: number }>({
    name: "tasks-of",
    text: "SELECT number FROM tasks WHERE number = ANY($1::bigint[]) AND job = $2",
    values: [numbers, job],
  });
  return new Set(rows.map(({ number }) => number));
}

/** A task's manifest and small input, while both are kept; undefined where the job has none of this number. */
export async function taskOf(
  database: pg.Pool,
  job: Uint8Array,
  number: number,
): Promise<{ readonly manifest: Uint8Array; readonly input: Uint8Array | undefined } | undefined> {
  const { rows } = await database.query<{ manifest: Buffer; input: Buffer | null }>({
    name: "task-of",
    text: "SELECT manifest, input FROM tasks WHERE number = $1 AND job = $2 AND manifest <> ''",
    values: [number, job],
  });
  return rows.map(({ manifest, input }) => ({ manifest, input: input ?? undefined }))[0];
}

/** A task's manifest as its requester signed it, while it is kept; undefined where the job has none of this number. */
export async function signedManifestOf(
  database: pg.Pool,
  job: Uint8Array,
  number: number,
): Promise<Signed | undefined> {
  const { rows } = await database.query<{ body: Buffer; signature: Buffer }>({
    name: "signed-manifest-of",
    text: `SELECT manifest AS body, manifest_signature AS signature FROM tasks
           WHERE number = $1 AND job = $2 AND manifest <> ''`,
    values: [number, job],
  });
  return rows[0];
}

/** An outcome with the certificate of the agent that ran the task. */
export interface FinishedRow extends Omit<Outcome, "keepsInput"> {
  readonly certificate: Uint8Array | undefined;
  /** Its sealed result and log have not been deleted. */
  readonly kept: boolean;
}

/** Up to `limit` outcomes of a job after `sequence`, in order. */
export async function outcomesAfter(
  database: pg.Pool,
  job: Uint8Array,
  sequence: number,
  limit: number,
): Promise<FinishedRow[]> {
  const { rows } = await database.query<Record<keyof FinishedRow, unknown>>({
    name: "outcomes-after",
    text: `SELECT outcomes.*, agents.certificate FROM outcomes LEFT JOIN agents USING (agent)
           WHERE job = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    values: [job, sequence, limit],
  });
  return rows.map(withoutNulls);
}

function withoutNulls(row: Record<keyof FinishedRow, unknown>): FinishedRow {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as never;
}

/** What agents have signed for these tasks, by number, where it is kept. */
export async function runsOf(database: pg.Pool, numbers: readonly number[]): Promise<Map<number, Signed>> {
  const { rows } = await database.query<{ number: number; run: Buffer }>({
    name: "runs-of",
    text: "SELECT number, run FROM outcomes WHERE number = ANY($1::bigint[]) AND run IS NOT NULL",
    values: [numbers],
  });
  return new Map(rows.map(({ number, run }) => [number, readSigned(run)]));
}

/** The outcome of one task, or undefined while it has none. */
export async function outcomeOf(database: pg.Pool, number: number): Promise<FinishedRow | undefined> {
  const { rows } = await database.query<Record<keyof FinishedRow, unknown>>({
    name: "outcome-of",
    text: "SELECT outcomes.*, NULL AS certificate FROM outcomes WHERE number = $1",
    values: [number],
  });
  return rows.map(withoutNulls)[0];
}
