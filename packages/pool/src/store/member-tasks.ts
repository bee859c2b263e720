import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

/** What a committee member is paid for, as a task: drawn, not matched. Its number is taken when the run is, and it counts as completed from then on. */
export interface MemberTaskRow {
  readonly number: number;
  readonly job: Uint8Array;
  readonly manifest: Uint8Array;
  readonly manifestSignature: Uint8Array;
}

/** Takes the numbers of a run's member tasks; false where another task has one of them. */
export async function takeMemberTasks(client: pg.ClientBase, rows: readonly MemberTaskRow[]): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO tasks (number, job, age, state, fence, manifest, manifest_signature, speed)
     SELECT number, job, 0, 'completed', 1, manifest, manifest_signature, 0
     FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[]) AS new (number, job, manifest, manifest_signature)
     ON CONFLICT DO NOTHING`,
    [
      rows.map(({ number }) => number),
      rows.map(({ job }) => job),
      rows.map(({ manifest }) => manifest),
      rows.map(({ manifestSignature }) => manifestSignature),
    ],
  );
  return rowCount === rows.length;
}

/** Who has done a member task, and at what price. */
export interface AssignedTask {
  readonly number: number;
  readonly job: Uint8Array;
  readonly agent: Uint8Array;
  readonly price: number;
}

export const assignMemberTask: WriteKind<AssignedTask, true> = {
  order: 21,
  async write(client, rows) {
    for (const { number, job, agent, price } of rows) {
      await client.query(
        "UPDATE tasks SET agent = $3, price = $4 WHERE number = $1 AND job = $2 AND state = 'completed'",
        [...[number, job, agent, price]],
      );
    }
    return rows.map(() => true);
  },
};

/** Gives up the numbers that nobody was paid under. */
export async function dropUnusedMemberTasks(client: pg.ClientBase, job: Uint8Array): Promise<void> {
  await client.query("DELETE FROM tasks WHERE job = $1 AND state = 'completed'", [job]);
}
