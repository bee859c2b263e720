import type { TaskEvent, TaskState } from "@aegis-pool/core";
import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

/** A task as it is first written. */
export interface NewTask {
  readonly number: number;
  readonly job: Uint8Array;
  readonly age: number;
  readonly manifest: Uint8Array;
  readonly manifestSignature: Uint8Array;
  readonly input: Uint8Array | undefined;
  /** Its gang's number in the job; undefined: it is of none. */
  readonly gang: number | undefined;
  /** The number of the task's first run, where this one checks it. */
  readonly replicaOf: number | undefined;
}

/** What became of a new task: it was written; it was there before, the very same; or another has its number. */
export type Insertion = "written" | "known" | "taken";

/** Writes new tasks. */
export const insertTask: WriteKind<NewTask, Insertion> = {
  order: 0,
  async write(client, tasks) {
    const { rows } = await client.query<{ number: number }>({
      name: "insert-tasks",
      text: `INSERT INTO tasks (number, job, age, state, fence, manifest, manifest_signature, input, gang, replica_of)
             SELECT number, job, age, 'queued', 0, manifest, manifest_signature, input, gang, replica_of
             FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bigint[], $8::bigint[])
               AS new (number, job, age, manifest, manifest_signature, input, gang, replica_of)
             ON CONFLICT DO NOTHING RETURNING number`,
      values: [
        tasks.map((task) => task.number),
        tasks.map((task) => task.job),
        tasks.map((task) => task.age),
        tasks.map((task) => task.manifest),
        tasks.map((task) => task.manifestSignature),
        tasks.map((task) => task.input ?? null),
        tasks.map((task) => task.gang ?? null),
        tasks.map((task) => task.replicaOf ?? null),
      ],
    });
    const written = new Set(rows.map((row) => row.number));
    // delete: of two tasks with one number in a batch only the first is written
    const others = tasks.map((task) => !written.delete(task.number));
    const before = await manifestsOf(
      client,
      tasks.filter((_, index) => others[index]),
    );
    return tasks.map((task, index) => {
      if (!others[index]) return "written";
      return before.get(task.number)?.equals(task.manifest) ? "known" : "taken";
    });
  },
};

async function manifestsOf(client: pg.PoolClient, tasks: readonly NewTask[]): Promise<Map<number, Buffer>> {
  if (tasks.length === 0) return new Map();
  const { rows } = await client.query<{ number: number; manifest: Buffer }>({
    name: "manifests-of",
    text: "SELECT number, manifest FROM tasks WHERE number = ANY($1::bigint[])",
    values: [tasks.map((task) => task.number)],
  });
  return new Map(rows.map((row) => [row.number, row.manifest]));
}

/** A lease to be written. */
export interface NewLease {
  readonly number: number;
  /** The fence of the new lease. */
  readonly fence: number;
  readonly agent: Uint8Array;
  readonly price: number;
  readonly speed: number;
}

/** What the agent gets to see of a task that it has accepted. */
export interface LeasedTask {
  readonly manifest: Uint8Array;
  readonly manifestSignature: Uint8Array;
  readonly input: Uint8Array | undefined;
}

/** Leases tasks; answers undefined where the task is not queued under the lease before. */
export const leaseTask: WriteKind<NewLease, LeasedTask | undefined> = {
  order: 1,
  async write(client, leases) {
    const { rows } = await client.query<LeasedRow>({
      name: "lease-tasks",
      text: `UPDATE tasks SET state = 'matched', fence = lease.fence, agent = lease.agent, price = lease.price,
                speed = lease.speed, released_at = NULL
             FROM unnest($1::bigint[], $2::integer[], $3::bytea[], $4::bigint[], $5::bigint[])
               AS lease (number, fence, agent, price, speed)
             WHERE tasks.number = lease.number AND tasks.state = 'queued' AND tasks.fence = lease.fence - 1
             RETURNING tasks.number, manifest, manifest_signature, input`,
      values: [
        leases.map((lease) => lease.number),
        leases.map((lease) => lease.fence),
        leases.map((lease) => lease.agent),
        leases.map((lease) => lease.price),
        leases.map((lease) => lease.speed),
      ],
    });
    const byNumber = new Map(rows.map((row) => [row.number, row]));
    return leases.map(({ number }) => toLeased(byNumber.get(number)));
  },
};

interface LeasedRow {
  number: number;
  manifest: Buffer;
  manifest_signature: Buffer;
  input: Buffer | null;
}

function toLeased(row: LeasedRow | undefined): LeasedTask | undefined {
  if (!row) return undefined;
  return { manifest: row.manifest, manifestSignature: row.manifest_signature, input: row.input ?? undefined };
}

/** A change of state under one lease. */
export interface TaskMove {
  readonly number: number;
  readonly fence: number;
  readonly from: TaskState;
  readonly to: TaskState;
  /** When the key was handed over, ms since 1970, for a move to running. */
  readonly releasedAt: number | undefined;
  /** Where the move ends an agent's lease without a result: whose, and by which event. */
  readonly ended: { readonly agent: Uint8Array; readonly event: TaskEvent } | undefined;
}

/** Moves tasks, and keeps why leases ended without a result; answers false where a task is not where it is said to be. */
export const moveTaskRow: WriteKind<TaskMove, boolean> = {
  order: 2,
  async write(client, moves) {
    const { rows } = await client.query<{ number: number }>({
      name: "move-tasks",
      text: `WITH moved AS (
               UPDATE tasks SET state = move.destination, released_at = coalesce(move.released_at, tasks.released_at)
               FROM unnest($1::bigint[], $2::integer[], $3::task_state[], $4::task_state[], $5::bigint[], $6::bytea[], $7::text[])
                 AS move (number, fence, origin, destination, released_at, agent, event)
               WHERE tasks.number = move.number AND tasks.fence = move.fence AND tasks.state = move.origin
               RETURNING tasks.number, move.fence, move.agent, move.event),
             ended AS (
               INSERT INTO ended_leases (number, fence, agent, event, at)
               SELECT number, fence, agent, event, extract(epoch FROM now()) * 1000 FROM moved WHERE event IS NOT NULL)
             SELECT number FROM moved`,
      values: [
        moves.map((move) => move.number),
        moves.map((move) => move.fence),
        moves.map((move) => move.from),
        moves.map((move) => move.to),
        moves.map((move) => move.releasedAt ?? null),
        moves.map((move) => move.ended?.agent ?? null),
        moves.map((move) => move.ended?.event ?? null),
      ],
    });
    const moved = new Set(rows.map((row) => row.number));
    return moves.map(({ number }) => moved.has(number));
  },
};

/** How a task ended. */
export interface Outcome {
  readonly number: number;
  readonly job: Uint8Array;
  readonly sequence: number;
  readonly state: "completed" | "failed";
  readonly reason: string | undefined;
  readonly agent: Uint8Array | undefined;
  readonly run: Uint8Array | undefined;
  readonly receipt: Uint8Array | undefined;
  readonly result: Uint8Array | undefined;
  readonly log: Uint8Array | undefined;
  /** Its input is kept with its result, since it may be run again. */
  readonly keepsInput: boolean;
}

/** Records how tasks ended and settles them, in one step: a result without its receipt never exists. */
export const recordOutcome: WriteKind<Outcome, true> = {
  order: 3,
  async write(client, outcomes) {
    await settleTasks(client, outcomes);
    return outcomes.map(() => true);
  },
};

async function settleTasks(client: pg.PoolClient, outcomes: readonly Outcome[]): Promise<void> {
  const column = <K extends keyof Outcome>(key: K) => outcomes.map((outcome) => outcome[key] ?? null);
  await client.query({
    name: "settle-tasks",
    text: `WITH ended AS (
             INSERT INTO outcomes (number, job, sequence, state, reason, agent, run, receipt, result, log)
             SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::task_state[], $5::text[], $6::bytea[],
               $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])
             RETURNING number)
           UPDATE tasks SET state = 'settled', input = CASE WHEN tasks.number = ANY($11::bigint[]) THEN input END
           FROM ended WHERE tasks.number = ended.number`,
    values: [
      column("number"),
      column("job"),
      column("sequence"),
      column("state"),
      column("reason"),
      column("agent"),
      column("run"),
      column("receipt"),
      column("result"),
      column("log"),
      outcomes.filter(({ keepsInput }) => keepsInput).map(({ number }) => number),
    ],
  });
}
