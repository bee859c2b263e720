import type { AccountOf, Debt, SettlementVerdict } from "@aegis-pool/core";
import type pg from "pg";

/** What a result's receipt says that settling it takes: beside the receipt, since to decode that once more costs as much as all else. */
export interface NewHeldRow {
  readonly number: number;
  readonly operator: Uint8Array;
  /** SHA-256 of what its agent has signed. */
  readonly runHash: Uint8Array;
  /** nAIS, in decimal. */
  readonly charge: string;
  readonly reward: string;
  readonly fee: string;
}

/** A result that is not final. */
export interface HeldRow extends NewHeldRow {
  readonly agent: Uint8Array;
  /** The account that reserved for its job. */
  readonly payer: AccountOf<"requester">;
}

/** Keeps that these results are held; `client` is in a transaction. */
export async function insertHeld(
  client: pg.PoolClient,
  results: readonly (NewHeldRow & { readonly heldAt: number })[],
): Promise<void> {
  if (results.length === 0) return;
  await client.query({
    name: "insert-held",
    text: `INSERT INTO held_results (number, operator, run_hash, charge, reward, fee, held_at)
           SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])`,
    values: [
      results.map(({ number }) => number),
      results.map(({ operator }) => operator),
      results.map(({ runHash }) => runHash),
      results.map(({ charge }) => charge),
      results.map(({ reward }) => reward),
      results.map(({ fee }) => fee),
      results.map(({ heldAt }) => heldAt),
    ],
  });
}

/** Those of `numbers` that are held, locked until the transaction of `client` ends. */
export async function heldOf(client: pg.PoolClient, numbers: readonly number[]): Promise<Map<number, HeldRow>> {
  const { rows } = await client.query<HeldRow>({
    name: "held-of",
    text: `SELECT held.number, operator, agent, run_hash AS "runHash", charge::text, reward::text, fee::text, payer
           FROM held_results AS held JOIN outcomes USING (number)
           JOIN accounts ON name = 'escrow:' || encode(job, 'hex')
           WHERE held.number = ANY($1::bigint[]) AND verdict IS NULL FOR UPDATE OF held`,
    values: [numbers],
  });
  return new Map(rows.map((row) => [row.number, row]));
}

/** Who has paid for these tasks, and whose agents have run them, by number. */
export async function paidOf(
  client: pg.PoolClient,
  numbers: readonly number[],
): Promise<Map<number, { readonly operator: string; readonly payer: AccountOf<"requester"> }>> {
  const { rows } = await client.query<{ number: number; operator: string; payer: AccountOf<"requester"> }>({
    name: "paid-of",
    text: `SELECT number, encode(operator, 'hex') AS operator, payer FROM outcomes JOIN agents USING (agent)
           JOIN accounts ON name = 'escrow:' || encode(job, 'hex') WHERE number = ANY($1::bigint[])`,
    values: [numbers],
  });
  return new Map(rows.map(({ number, ...row }) => [number, row]));
}

/** What became of a held result. */
export interface SettledRow {
  readonly number: number;
  readonly verdict: SettlementVerdict;
  /** Under which number a right result came, where this one is wrong. */
  readonly right: number | undefined;
  /** nAIS of its reward that went towards what its operator owed, in decimal. */
  readonly withheld: string;
}

/** A held result that has been settled. */
export interface SettledResult extends Omit<HeldRow, "payer">, Pick<SettledRow, "verdict" | "withheld"> {
  /** ms since 1970. */
  readonly settledAt: number;
}

/** These are settled, after all that were before: one transaction at a time does this. @param at ms since 1970 */
export async function writeSettled(client: pg.PoolClient, rows: readonly SettledRow[], at: number): Promise<void> {
  const column = <K extends keyof SettledRow>(key: K) => rows.map((row) => row[key] ?? null);
  await client.query({
    name: "write-settled",
    text: `UPDATE held_results SET verdict = new.verdict, right_number = new.right_number, withheld = new.withheld, settled_at = $5,
             settled_line = last + new.place
           FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
             WITH ORDINALITY AS new (number, verdict, right_number, withheld, place),
             (SELECT greatest((SELECT max(settled_line) FROM held_results), (SELECT max(last_settled) FROM epochs), 0) AS last) AS lines
           WHERE held_results.number = new.number`,
    values: [column("number"), column("verdict"), column("right"), column("withheld"), at],
  });
}

/** Settled results after one line and up to another, at most `limit`. */
export async function settledBetween(
  database: pg.Pool,
  [after, last]: readonly [number, number],
  limit: number,
): Promise<(SettledResult & { readonly line: number })[]> {
  const { rows } = await database.query<SettledResult & { readonly line: number }>({
    name: "settled-between",
    text: `SELECT settled_line AS line, held.number, agent, operator, run_hash AS "runHash", charge::text, reward::text, fee::text,
             verdict, withheld::text, settled_at AS "settledAt"
           FROM held_results AS held JOIN outcomes USING (number)
           WHERE settled_line > $1 AND settled_line <= $2 ORDER BY settled_line LIMIT $3`,
    values: [after, last, limit],
  });
  return rows;
}

/** A held result as a starting pool finds it. */
export interface OpenHeldRow {
  readonly number: number;
  readonly job: Buffer;
  readonly operator: Buffer;
  readonly held_at: number;
  readonly run: Buffer;
  readonly manifest: Buffer;
  /** Of a replica: the number of the task's first run. */
  readonly replica_of: number | null;
}

/** Every result that is held, the oldest first. */
export async function allHeld(database: pg.Pool): Promise<OpenHeldRow[]> {
  const text = `SELECT number, outcomes.job, operator, held_at, run, manifest, replica_of
                FROM held_results JOIN outcomes USING (number) JOIN tasks USING (number)
                WHERE verdict IS NULL ORDER BY held_at, number`;
  return (await database.query<OpenHeldRow>(text)).rows;
}

/** What is known of a task's result that was held, or is. */
export interface StandingRow {
  readonly number: number;
  readonly verdict: SettlementVerdict | null;
  readonly right: number | null;
}

/** Those of these tasks' first results that were held, or are. */
export async function standingsOf(database: pg.Pool, numbers: readonly number[]): Promise<StandingRow[]> {
  const text = `SELECT number, verdict, right_number AS right FROM held_results JOIN tasks USING (number)
                WHERE number = ANY($1::bigint[]) AND replica_of IS NULL`;
  return (await database.query<StandingRow>({ name: "standings-of", text, values: [numbers] })).rows;
}

/** A debt with the number of the wrong result that it is for. */
export interface DebtRow extends Debt {
  readonly number: number;
  /** The operator's key in hexadecimal. */
  readonly operator: string;
}

/** What these operators, by key in hexadecimal, owe; the oldest debts first. */
export async function debtsOf(client: Pick<pg.ClientBase, "query">, operators: readonly string[]): Promise<DebtRow[]> {
  const { rows } = await client.query<Record<keyof DebtRow, string> & { number: number }>({
    name: "debts-of",
    text: `SELECT number, encode(operator, 'hex') AS operator, injured, owed::text AS left, compensation::text
           FROM debts WHERE owed > 0 AND operator = ANY(SELECT decode(key, 'hex') FROM unnest($1::text[]) AS key)
           ORDER BY at, number`,
    values: [operators],
  });
  return rows.map(({ number, operator, injured, left, compensation }) => ({
    number,
    operator,
    injured: injured as AccountOf<"requester">,
    left: BigInt(left),
    compensation: BigInt(compensation),
  }));
}

/** Operators, by key in hexadecimal, that owe something and of whose results none is held: their bonds pay now. */
export async function debtorsWithoutHeld(database: pg.Pool): Promise<string[]> {
  const { rows } = await database.query<{ operator: string }>(
    `SELECT DISTINCT encode(operator, 'hex') AS operator FROM debts
     WHERE owed > 0 AND NOT EXISTS (SELECT FROM held_results WHERE verdict IS NULL AND held_results.operator = debts.operator)`,
  );
  return rows.map(({ operator }) => operator);
}

/** New debts. */
export async function insertDebts(client: pg.PoolClient, debts: readonly DebtRow[], at: number): Promise<void> {
  if (debts.length === 0) return;
  await client.query({
    name: "insert-debts",
    text: `INSERT INTO debts (number, operator, injured, incurred, owed, compensation, at)
           SELECT number, decode(operator, 'hex'), injured, owed, owed, compensation, $6
           FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
             AS new (number, operator, injured, owed, compensation)`,
    values: [...debtColumns(debts), at],
  });
}

/** What is left of debts. */
export async function updateDebts(client: Pick<pg.ClientBase, "query">, debts: readonly DebtRow[]): Promise<void> {
  if (debts.length === 0) return;
  await client.query({
    name: "update-debts",
    text: `UPDATE debts SET owed = new.owed, compensation = new.compensation
           FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
             AS new (number, operator, injured, owed, compensation)
           WHERE debts.number = new.number`,
    values: debtColumns(debts),
  });
}

function debtColumns(debts: readonly DebtRow[]): unknown[] {
  return [
    debts.map(({ number }) => number),
    debts.map(({ operator }) => operator),
    debts.map(({ injured }) => injured),
    debts.map(({ left }) => String(left)),
    debts.map(({ compensation }) => String(compensation)),
  ];
}
