import { type Notice, noTier, noticeMs, tierNames, type TierState, toHex } from "@aegis-pool/core";
import type pg from "pg";

/** The notices of an operator that wait, the oldest first. */
export async function waitingNotices(database: pg.Pool, operator: Uint8Array): Promise<Notice[]> {
  const { rows } = await database.query<{ key: Buffer; amount: string; given_at: number }>(
    `SELECT key, amount::text, given_at FROM bond_notices WHERE operator = $1 AND ended IS NULL ORDER BY given_at, key`,
    [operator],
  );
  return rows.map(({ key, amount, given_at: givenAt }) => ({ key: toHex(key), amount: BigInt(amount), givenAt }));
}

/** What a notice with this key asked for, waiting or over, in nAIS; undefined where there was none. */
export async function noticeAmount(
  database: pg.Pool,
  operator: Uint8Array,
  key: Uint8Array,
): Promise<bigint | undefined> {
  const text = "SELECT amount::text FROM bond_notices WHERE operator = $1 AND key = $2";
  const { rows } = await database.query<{ amount: string }>(text, [operator, key]);
  return rows[0] && BigInt(rows[0].amount);
}

/** A notice as it is first written. */
export interface NewNotice {
  readonly operator: Uint8Array;
  readonly key: Uint8Array;
  readonly amount: bigint;
  readonly givenAt: number;
}

export async function insertNotice(database: pg.Pool, { operator, key, amount, givenAt }: NewNotice): Promise<void> {
  const text = "INSERT INTO bond_notices (operator, key, amount, given_at) VALUES ($1, $2, $3, $4)";
  await database.query(text, [operator, key, String(amount), givenAt]);
}

/** Ends a notice that waits; @returns whether it did */
export async function endNotice(
  database: pg.Pool,
  { operator, key }: Pick<NewNotice, "operator" | "key">,
  ended: "paid" | "cancelled",
): Promise<boolean> {
  const text = "UPDATE bond_notices SET ended = $3 WHERE operator = $1 AND key = $2 AND ended IS NULL";
  return (await database.query(text, [operator, key, ended])).rowCount === 1;
}

/** A notice that is over, and whose it is. */
export interface DueNotice extends Notice {
  readonly operator: Uint8Array;
}

/** Notices that are over at `now` and have not been paid, the oldest first. */
export async function dueNotices(database: pg.Pool, now: number): Promise<DueNotice[]> {
  const { rows } = await database.query<{ operator: Buffer; key: Buffer; amount: string; given_at: number }>(
    `SELECT operator, key, amount::text, given_at FROM bond_notices
     WHERE ended IS NULL AND given_at <= $1 ORDER BY given_at, key LIMIT 1000`,
    [now - noticeMs],
  );
  return rows.map(({ operator, key, amount, given_at: givenAt }) => ({
    operator,
    key: toHex(key),
    amount: BigInt(amount),
    givenAt,
  }));
}

/** Every operator that has, or has had, a bond, with what of it counts and the tier that was last written. */
export async function bondedOperators(database: pg.Pool): Promise<Map<string, { bond: bigint; state: TierState }>> {
  const { rows } = await database.query<{ operator: string; bond: string; tier: string | null; since: number | null }>(
    `SELECT substr(name, 6) AS operator, tier, below_since AS since,
       (balance - coalesce((SELECT sum(amount) FROM bond_notices
          WHERE ended IS NULL AND operator = decode(substr(name, 6), 'hex')), 0))::text AS bond
     FROM accounts JOIN balances ON account = id
     LEFT JOIN operator_tiers ON operator = decode(substr(name, 6), 'hex') WHERE name LIKE 'bond:%'`,
  );
  return new Map(
    rows.map(({ operator, bond, tier, since }) => [
      operator,
      {
        bond: BigInt(bond),
        state: { tier: tierNames.find((name) => name === tier) ?? noTier.tier, belowSince: since ?? undefined },
      },
    ]),
  );
}

export async function writeTier(
  database: pg.Pool,
  operator: Uint8Array,
  { tier, belowSince }: TierState,
): Promise<void> {
  await database.query(
    `INSERT INTO operator_tiers VALUES ($1, $2, $3)
     ON CONFLICT (operator) DO UPDATE SET tier = $2, below_since = $3`,
    [operator, tier, belowSince ?? null],
  );
}
