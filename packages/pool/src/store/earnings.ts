import type pg from "pg";
import type { SettledResult } from "./held-rows.js";

/** A task that an operator's agent has run, with all that shows it. */
export interface EarningRow {
  /** Rises in the order of payment. */
  readonly line: number;
  /** CBOR of the agent's certificate, its signed run and the pool's signed receipt. */
  readonly certificate: Buffer;
  readonly run: Buffer;
  readonly receipt: Buffer;
  /** Where the result was held and is no more. */
  readonly settled: SettledResult | undefined;
}

/** The columns of `held_results`; null where a result was not held, or is. */
type Row = Omit<EarningRow, "settled"> & { readonly [K in keyof SettledResult]: SettledResult[K] | null };

const columns = `line, certificate, run, receipt, number, agent, held.operator, run_hash AS "runHash",
  charge::text, reward::text, fee::text, verdict, withheld::text, settled_at AS "settledAt"`;

function earningRow({ line, certificate, run, receipt, ...settled }: Row): EarningRow {
  const isSettled = settled.verdict !== null;
  return { line, certificate, run, receipt, settled: isSettled ? (settled as SettledResult) : undefined };
}

/** How a lease of one of the operator's agents ended without a result. */
export interface EndedLease {
  readonly agent: Buffer;
  readonly fence: number;
  readonly event: string;
  /** ms since 1970. */
  readonly at: number;
}

/** Up to `limit` tasks that agents of `operator` have run, after the line `after`. */
export async function earningsOf(
  database: pg.Pool,
  operator: Uint8Array,
  after: number,
  limit: number,
): Promise<EarningRow[]> {
  const { rows } = await database.query<Row>({
    name: "earnings-of",
    // lateral: a page of each agent's index, never all that any of them has run
    text: `SELECT ${columns} FROM agents CROSS JOIN LATERAL (
             SELECT number, line, run, receipt FROM outcomes
             WHERE outcomes.agent = agents.agent AND line > $2 AND receipt IS NOT NULL ORDER BY line LIMIT $3) AS ran
           LEFT JOIN held_results AS held USING (number)
           WHERE agents.operator = $1 ORDER BY line LIMIT $3`,
    values: [operator, after, limit],
  });
  return rows.map(earningRow);
}

/** What the operator may know of one task: only what its own agents had to do with it. */
export interface OwnTask {
  readonly earning: EarningRow | undefined;
  readonly ended: readonly EndedLease[];
  /** The agent that holds it now. */
  readonly holder: Buffer | undefined;
}

/** Looks at one task with an operator's eyes; undefined where none of its agents ever had it. */
export async function ownTask(database: pg.Pool, operator: Uint8Array, number: number): Promise<OwnTask | undefined> {
  const values = [number, operator];
  const earning = await database.query<Row>({
    name: "own-earning",
    text: `SELECT ${columns} FROM outcomes JOIN agents USING (agent)
           LEFT JOIN held_results AS held USING (number)
           WHERE number = $1 AND agents.operator = $2 AND receipt IS NOT NULL`,
    values,
  });
  const ended = await database.query<EndedLease>({
    name: "own-ended-leases",
    text: `SELECT agent, fence, event, at FROM ended_leases JOIN agents USING (agent)
           WHERE number = $1 AND operator = $2 ORDER BY fence`,
    values,
  });
  const held = await database.query<{ agent: Buffer }>({
    name: "own-lease",
    text: `SELECT agent FROM tasks JOIN agents USING (agent)
           WHERE number = $1 AND operator = $2 AND state IN ('matched', 'running')`,
    values,
  });
  const own = { earning: earning.rows.map(earningRow)[0], ended: ended.rows, holder: held.rows[0]?.agent };
  return own.earning || own.ended.length > 0 || own.holder ? own : undefined;
}
