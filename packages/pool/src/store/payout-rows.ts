import { type PayoutChange, toHex } from "@aegis-pool/core";
import type pg from "pg";

/** A change, and where in the log it stands. */
export interface LoggedChange extends PayoutChange {
  readonly logIndex: number;
}

/** An operator's changes, the oldest first. */
export async function payoutChanges(database: pg.Pool, operator: Uint8Array): Promise<LoggedChange[]> {
  const { rows } = await database.query<Omit<LoggedChange, "address"> & { readonly address: Buffer }>(
    `SELECT address, sequence, asked_at AS "askedAt", at_once AS "atOnce", log_index AS "logIndex"
     FROM payout_changes WHERE operator = $1 ORDER BY sequence`,
    [operator],
  );
  return rows.map((row) => ({ ...row, address: toHex(row.address) }));
}

/** A change as it is written. */
export interface NewChange extends LoggedChange {
  readonly operator: Uint8Array;
  /** As it was signed, canonical. */
  readonly change: Uint8Array;
}

export async function insertPayoutChange(client: pg.PoolClient, row: NewChange): Promise<void> {
  const { operator, sequence, address, change, askedAt, atOnce, logIndex } = row;
  await client.query(
    `INSERT INTO payout_changes (operator, sequence, address, change, asked_at, at_once, log_index)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [operator, sequence, Buffer.from(address, "hex"), change, askedAt, atOnce, logIndex],
  );
}

/** Whether anything was ever earned by an operator, final or held, or an agent of its was counted as available. */
export async function hasEarned(database: pg.Pool, operator: Uint8Array): Promise<boolean> {
  const { rows } = await database.query<{ earned: boolean }>(
    `SELECT EXISTS (SELECT FROM accounts WHERE name = ANY($1::text[]))
       OR EXISTS (SELECT FROM attendances WHERE operator = $2) AS earned`,
    [[`operator:${toHex(operator)}`, `held:${toHex(operator)}`], operator],
  );
  return rows[0]?.earned === true;
}
