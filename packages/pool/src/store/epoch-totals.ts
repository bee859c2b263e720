import type { EpochTotals, PayoutChange, PayoutLine } from "@aegis-pool/core";
import type pg from "pg";

interface AmountRow {
  readonly name: string;
  readonly amount: string;
}

/** What stands at the end of the last epoch that is closed. */
export async function totalsBefore(database: pg.Pool): Promise<EpochTotals> {
  const read = async (text: string) => {
    const { rows } = await database.query<AmountRow>(text);
    return new Map(rows.map(({ name, amount }) => [name, BigInt(amount)]));
  };
  return {
    earned: await read("SELECT encode(operator, 'hex') AS name, earned::text AS amount FROM operator_earnings"),
    paidOut: await read("SELECT encode(operator, 'hex') AS name, paid_out::text AS amount FROM operator_earnings"),
    claimable: await read("SELECT encode(address, 'hex') AS name, claimable::text AS amount FROM address_claims"),
  };
}

/** What stands now, in place of what stood before. */
export async function writeTotals(client: pg.PoolClient, { earned, paidOut, claimable }: EpochTotals): Promise<void> {
  const operators = [...earned.keys()];
  await client.query(
    `INSERT INTO operator_earnings (operator, earned, paid_out)
     SELECT decode(operator, 'hex'), earned, paid_out
     FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS new (operator, earned, paid_out)
     ON CONFLICT (operator) DO UPDATE SET earned = excluded.earned, paid_out = excluded.paid_out`,
    [operators, [...earned.values()].map(String), operators.map((operator) => String(paidOut.get(operator) ?? 0n))],
  );
  await client.query(
    `INSERT INTO address_claims (address, claimable)
     SELECT decode(address, 'hex'), claimable FROM unnest($1::text[], $2::bigint[]) AS new (address, claimable)
     ON CONFLICT (address) DO UPDATE SET claimable = excluded.claimable`,
    [[...claimable.keys()], [...claimable.values()].map(String)],
  );
}

/** What was paid out in an epoch; undefined where that is not done yet. */
export async function payoutsOf(client: pg.PoolClient, epoch: number): Promise<PayoutLine[] | undefined> {
  const { rows: done } = await client.query("SELECT FROM epochs WHERE number = $1 AND is_paid_out", [epoch]);
  if (done.length === 0) return undefined;
  const { rows } = await client.query<PayoutLine>(
    `SELECT encode(operator, 'hex') AS payout, encode(address, 'hex') AS address, amount::text
     FROM epoch_payouts WHERE epoch = $1`,
    [epoch],
  );
  return rows;
}

/** All is paid out that is to be in this epoch. */
export async function writePayouts(
  client: pg.PoolClient,
  epoch: number,
  payouts: readonly PayoutLine[],
): Promise<void> {
  await client.query(
    `INSERT INTO epoch_payouts (epoch, operator, address, amount)
     SELECT $1, decode(operator, 'hex'), decode(address, 'hex'), amount
     FROM unnest($2::text[], $3::text[], $4::bigint[]) AS new (operator, address, amount)`,
    [
      epoch,
      payouts.map(({ payout }) => payout),
      payouts.map(({ address }) => address),
      payouts.map(({ amount }) => amount),
    ],
  );
  await client.query("UPDATE epochs SET is_paid_out = true WHERE number = $1", [epoch]);
}

/** An operator that has something free and has ever named an address. */
export interface FreeRow {
  /** Key in hexadecimal. */
  readonly operator: string;
  /** nAIS in its account. */
  readonly free: bigint;
  /** The oldest first. */
  readonly changes: readonly PayoutChange[];
}

export async function freeWithAddress(client: pg.PoolClient): Promise<FreeRow[]> {
  const { rows } = await client.query<{ operator: string; free: string; changes: readonly PayoutChange[] }>(
    `SELECT encode(operator, 'hex') AS operator, balance::text AS free, json_agg(json_build_object(
       'address', encode(address, 'hex'), 'sequence', sequence, 'askedAt', asked_at, 'atOnce', at_once) ORDER BY sequence) AS changes
     FROM payout_changes JOIN accounts ON name = 'operator:' || encode(operator, 'hex') JOIN balances ON account = id
     WHERE balance > 0 GROUP BY operator, balance`,
  );
  return rows.map((row) => ({ ...row, free: BigInt(row.free) }));
}
