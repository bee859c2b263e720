import type { SettlementVerdict } from "@aegis-pool/core";
import type pg from "pg";

/** What of a task has to be known to look at a dispute about its result. */
export interface DisputableRow {
  readonly manifest: Buffer;
  /** The sealed input, where it is small and still kept. */
  readonly input: Buffer | null;
  /** CBOR of the agent's signed run; null: no machine ran it. */
  readonly run: Buffer | null;
  /** The sealed result, where it is small. */
  readonly result: Buffer | null;
  readonly ended_at: number;
  readonly operator: Buffer | null;
  /** What has become of it, where it was held. */
  readonly verdict: SettlementVerdict | null;
}

/** A job's task that has ended, while what was sealed for it is kept; undefined where the job has none of this number. */
export async function disputable(
  database: pg.Pool,
  job: Uint8Array,
  number: number,
): Promise<DisputableRow | undefined> {
  const { rows } = await database.query<DisputableRow>({
    name: "disputable",
    text: `SELECT manifest, input, run, result, ended_at, agents.operator, verdict FROM outcomes JOIN tasks USING (number)
           LEFT JOIN agents ON agents.agent = outcomes.agent LEFT JOIN held_results USING (number)
           WHERE number = $1 AND outcomes.job = $2 AND kept AND replica_of IS NULL`,
    values: [number, job],
  });
  return rows[0];
}

/** Operators, by key in hexadecimal, of which an agent has run a task. */
export async function operatorsOf(database: pg.Pool, number: number): Promise<string[]> {
  const { rows } = await database.query<{ operator: string }>({
    name: "operators-of",
    text: `SELECT DISTINCT encode(operator, 'hex') AS operator FROM tasks JOIN outcomes USING (number) JOIN agents ON agents.agent = outcomes.agent
           WHERE tasks.number = $1 OR replica_of = $1`,
    values: [number],
  });
  return rows.map(({ operator }) => operator);
}

/** Keeps that a result is disputed; @returns false where it was before, and that has ended. One that a restart cut short begins anew. */
export async function insertDispute(
  database: pg.Pool,
  dispute: { readonly number: number; readonly statement: Uint8Array; readonly openedAt: number },
): Promise<boolean> {
  const { rowCount } = await database.query({
    name: "insert-dispute",
    text: `INSERT INTO disputes (number, statement, opened_at) VALUES ($1, $2, $3)
           ON CONFLICT (number) DO UPDATE SET statement = excluded.statement, opened_at = excluded.opened_at
           WHERE disputes.verdict IS NULL`,
    values: [dispute.number, dispute.statement, dispute.openedAt],
  });
  return rowCount === 1;
}

/** How a dispute has ended. */
export type DisputeVerdict = "right" | "wrong" | "nondeterministic" | "contradicted";

export async function endDispute(database: pg.Pool, number: number, verdict: DisputeVerdict): Promise<void> {
  await database.query("UPDATE disputes SET verdict = $2 WHERE number = $1", [number, verdict]);
}
