import type { Account, TransferKind } from "@aegis-pool/core";
import { transferKinds } from "@aegis-pool/core";
import type pg from "pg";

/** One line of an account's statement. */
export interface StatementLine {
  /** Rises with each line of the account; a page goes on after the last line of the one before. */
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly kind: TransferKind;
  /** In hexadecimal; of a reward and its fee the task's number. */
  readonly key: string;
  /** The account on the other side. */
  readonly other: Account;
  /** nAIS: above zero where the account got it. */
  readonly amount: bigint;
}

/** nAIS in an account that people have; 0 where nothing has ever moved there. */
export async function balanceOf(database: pg.Pool, account: Account): Promise<bigint> {
  const { rows } = await database.query<{ balance: string }>({
    name: "balance-of",
    text: "SELECT balance::text FROM accounts JOIN balances ON account = id WHERE name = $1",
    values: [account],
  });
  return BigInt(rows[0]?.balance ?? 0);
}

/** Up to `limit` lines of an account after line `after`, the oldest first. */
export async function statementOf(
  database: pg.Pool,
  account: Account,
  after: number,
  limit: number,
): Promise<StatementLine[]> {
  const { rows } = await database.query<Omit<StatementLine, "kind" | "amount"> & { kind: number; amount: string }>({
    name: "statement-of",
    text: `WITH own AS (SELECT id FROM accounts WHERE name = $1),
           lines AS (
             (SELECT id, at, kind, key, credit AS other, -amount AS amount FROM transfers
              WHERE debit = (SELECT id FROM own) AND id > $2 ORDER BY id LIMIT $3)
             UNION ALL
             (SELECT id, at, kind, key, debit, amount FROM transfers
              WHERE credit = (SELECT id FROM own) AND credit <> 1 AND id > $2 ORDER BY id LIMIT $3))
           SELECT lines.id, at, kind, encode(key, 'hex') AS key, accounts.name AS other, amount::text
           FROM lines JOIN accounts ON accounts.id = lines.other ORDER BY lines.id LIMIT $3`,
    values: [account, after, limit],
  });
  return rows.map((row) => ({ ...row, kind: transferKinds[row.kind] ?? "fund", amount: BigInt(row.amount) }));
}

/** What the accounts of each kind hold together, in nAIS; a pool whose books balance has a sum of nothing. */
export type Totals = Readonly<Record<string, bigint>>;

/** The sum of all balances by kind of account, in one look. */
export async function totals(database: Pick<pg.ClientBase, "query">): Promise<Totals> {
  const { rows } = await database.query<{ kind: string; total: string }>({
    name: "totals",
    text: `SELECT split_part(name, ':', 1) AS kind, sum(balance)::text AS total
           FROM accounts JOIN balances ON account = id GROUP BY 1
           UNION ALL
           SELECT 'fees', coalesce(sum(CASE WHEN credit = 1 THEN amount ELSE -amount END), 0)::text
           FROM transfers WHERE credit = 1 OR debit = 1`,
  });
  return Object.fromEntries(rows.map(({ kind, total }) => [kind, BigInt(total)]));
}
