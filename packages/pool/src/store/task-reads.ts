import type { TaskState } from "@aegis-pool/core";
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
}

/** Every task that is not over, the oldest first. */
export async function liveTasks(database: pg.Pool): Promise<LiveRow[]> {
  const { rows } = await database.query<LiveRow>(
    `SELECT number, job, age, state, fence, manifest, agent, price, speed, released_at FROM tasks
     WHERE state IN ('queued', 'matched', 'running') ORDER BY age`,
  );
  return rows;
}

/** How many of a job's tasks ended in which way, and the sequence number of the last to end. */
export interface JobTally {
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly lastSequence: number;
}

/** The tally of every job, by its key in hexadecimal. */
export async function jobTallies(database: pg.Pool): Promise<Map<string, JobTally>> {
  const { rows } = await database.query<JobTally & { job: string }>(
    `SELECT encode(job, 'hex') AS job,
       count(*) FILTER (WHERE state = 'completed') AS completed,
       count(*) FILTER (WHERE state = 'failed') AS failed,
       0::bigint AS cancelled,
       coalesce(max(sequence), 0) AS "lastSequence"
     FROM outcomes GROUP BY job
     UNION ALL
     SELECT encode(job, 'hex'), 0, 0, count(*), 0 FROM tasks WHERE state = 'cancelled' GROUP BY job`,
  );
  const tallies = new Map<string, JobTally>();
  for (const { job, ...tally } of rows) tallies.set(job, addTallies(tallies.get(job), tally));
  return tallies;
}

function addTallies(a: JobTally | undefined, b: JobTally): JobTally {
  if (!a) return b;
  return {
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
    lastSequence: Math.max(a.lastSequence, b.lastSequence),
  };
}

/** An outcome with the certificate of the agent that ran the task. */
export interface FinishedRow extends Outcome {
  readonly certificate: Uint8Array | undefined;
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
