import type { TrustRecord } from "@aegis-pool/core";
import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

/** What is known of an agent's results with one engine. */
export interface TrustRow extends TrustRecord {
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  readonly engine: string;
}

/** What a check meant for an agent: its own result was right, it has checked another's rightly, it was wrong; or nothing came of it. */
export const checkVerdicts = ["passed", "confirmed", "disproved", "nondeterministic", "silent", "abandoned"] as const;
export type CheckVerdict = (typeof checkVerdicts)[number];

/** One agent's part in a check. */
export interface CheckRow {
  readonly agent: string;
  readonly engine: string;
  /** The task as this agent knew it. */
  readonly number: number;
  readonly verdict: CheckVerdict;
  /** How many operators ran the task. */
  readonly runs: number;
  /** Its valid results in a row from then on. */
  readonly valid: number;
  /** ms since 1970. */
  readonly at: number;
}

/** Keeps what is known of agents' results; of one agent and engine the last of a batch counts. */
export const writeTrust: WriteKind<TrustRow, true> = {
  order: 5,
  async write(client, rows) {
    const last = [...new Map(rows.map((row) => [`${row.agent} ${row.engine}`, row])).values()];
    const column = <K extends keyof TrustRow>(key: K) => last.map((row) => row[key]);
    await client.query({
      name: "write-trust",
      text: `INSERT INTO trust (agent, engine, valid, passed, disproved)
             SELECT decode(agent, 'hex'), engine, valid, passed, disproved
             FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[])
               AS new (agent, engine, valid, passed, disproved)
             ON CONFLICT (agent, engine) DO UPDATE
               SET valid = excluded.valid, passed = excluded.passed, disproved = excluded.disproved`,
      values: [column("agent"), column("engine"), column("valid"), column("passed"), column("disproved")],
    });
    return rows.map(() => true);
  },
};

/** Keeps what came of checks. */
export const insertCheck: WriteKind<CheckRow, true> = {
  order: 6,
  async write(client, rows) {
    const column = <K extends keyof CheckRow>(key: K) => rows.map((row) => row[key]);
    await client.query({
      name: "insert-checks",
      text: `INSERT INTO checks (agent, engine, number, verdict, runs, valid, at)
             SELECT decode(agent, 'hex'), engine, number, verdict, runs, valid, at
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::integer[], $7::bigint[])
               AS new (agent, engine, number, verdict, runs, valid, at)`,
      values: [
        column("agent"),
        column("engine"),
        column("number"),
        column("verdict"),
        column("runs"),
        column("valid"),
        column("at"),
      ],
    });
    return rows.map(() => true);
  },
};

/** What is known of every agent. */
export async function allTrust(database: pg.Pool): Promise<TrustRow[]> {
  const text = "SELECT encode(agent, 'hex') AS agent, engine, valid, passed, disproved FROM trust";
  return (await database.query<TrustRow>(text)).rows;
}

/** Up to `limit` checks in which agents of an operator took part, the newest first. @param operator its key in hexadecimal */
export async function checksOf(database: pg.Pool, operator: string, limit: number): Promise<CheckRow[]> {
  const text = `SELECT encode(checks.agent, 'hex') AS agent, engine, number, verdict, runs, valid, at
                FROM checks JOIN agents USING (agent) WHERE operator = decode($1, 'hex') ORDER BY id DESC LIMIT $2`;
  return (await database.query<CheckRow>({ name: "checks-of", text, values: [operator, limit] })).rows;
}
