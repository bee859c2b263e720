import { type PayoutChange, toHex } from "@aegis-pool/core";
import type pg from "pg";

/** A change, and where in the log it stands. */
export interface LoggedChange extends PayoutChange {
  readonly logIndex: number;
}

/** An operator's changes, the oldest first. */
export async function payoutChanges(database: pg.Pool, operator: Uint8Array): Promise<LoggedChange[]> {
  const { rows } = await database.query<{ address: Buffer; sequence: number; asked_at: number; log_index: number }>(
    "SELECT address, sequence, asked_at, log_index FROM payout_changes WHERE operator = $1 ORDER BY sequence",
    [operator],
  );
  return rows.map(({ address, sequence, asked_at: askedAt, log_index: logIndex }) => ({
    ...{ address: toHex(address), sequence, askedAt, logIndex },
  }));
}

/** A change as it is written. */
export interface NewChange extends LoggedChange {
  readonly operator: Uint8Array;
  /** As it was signed, canonical. */
  readonly change: Uint8Array;
}

export async function insertPayoutChange(client: pg.PoolClient, row: NewChange): Promise<void> {
  const { operator, sequence, address, change, askedAt, logIndex } = row;
  await client.query(
    "INSERT INTO payout_changes (operator, sequence, address, change, asked_at, log_index) VALUES ($1, $2, $3, $4, $5, $6)",
    [operator, sequence, Buffer.from(address, "hex"), change, askedAt, logIndex],
  );
}
