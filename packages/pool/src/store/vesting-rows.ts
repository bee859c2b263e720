import { toHex, type Vesting, type VestingGround } from "@aegis-pool/core";
import type pg from "pg";

/** What an operator has asked for last; undefined before it has asked for anything. */
export async function vestingOf(database: pg.Pool, operator: Uint8Array): Promise<Vesting | undefined> {
  const { rows } = await database.query<{ percent: number; target: string }>(
    "SELECT percent, target::text FROM bond_vestings WHERE operator = $1",
    [operator],
  );
  return rows[0] && { percent: rows[0].percent, target: BigInt(rows[0].target) };
}

/** A wish as it is written. */
export interface NewVesting extends Vesting {
  readonly operator: Uint8Array;
  /** ms since 1970. */
  readonly signedAt: number;
  /** As it was signed, canonical. */
  readonly wish: Uint8Array;
}

/** From now on it is so, unless something newer was asked for. @returns whether it is */
export async function setVesting(database: pg.Pool, row: NewVesting): Promise<boolean> {
  const { operator, percent, target, signedAt, wish } = row;
  const { rowCount } = await database.query(
    `INSERT INTO bond_vestings (operator, percent, target, signed_at, wish) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (operator) DO UPDATE SET percent = excluded.percent, target = excluded.target,
       signed_at = excluded.signed_at, wish = excluded.wish
     WHERE bond_vestings.signed_at < excluded.signed_at OR bond_vestings.wish = excluded.wish`,
    [operator, percent, String(target), signedAt, wish],
  );
  return rowCount === 1;
}

/** An operator whose bond is to grow, and what it has. */
export interface VestingRow extends Vesting, Omit<VestingGround, "earned"> {
  /** Key in hexadecimal. */
  readonly operator: string;
}

export async function vestingNow(client: pg.PoolClient): Promise<VestingRow[]> {
  const { rows } = await client.query<Record<"target" | "free" | "bond", string> & VestingKey>(
    `SELECT operator, percent, target::text, own.balance::text AS free, coalesce(staked.balance, 0)::text AS bond
     FROM bond_vestings
     JOIN accounts AS account ON account.name = 'operator:' || encode(operator, 'hex')
     JOIN balances AS own ON own.account = account.id
     LEFT JOIN accounts AS bond ON bond.name = 'bond:' || encode(operator, 'hex')
     LEFT JOIN balances AS staked ON staked.account = bond.id
     WHERE percent > 0 AND own.balance > 0`,
  );
  return rows.map(({ operator, percent, target, free, bond }) => ({
    operator: toHex(operator),
    percent,
    target: BigInt(target),
    free: BigInt(free),
    bond: BigInt(bond),
  }));
}

interface VestingKey {
  readonly operator: Buffer;
  readonly percent: number;
}
