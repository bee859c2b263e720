import { type Deposit as DepositOperation, depositKey, type LedgerRefusal } from "@aegis-pool/core";
import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";
import { AccountIds } from "./ledger/account-ids.js";
import { applyOperations } from "./ledger/writes.js";

/** Up to where which chain is read: all deposits up to this block are credited. Addresses and hashes in hexadecimal, without 0x. */
export interface DepositCursor {
  readonly chain: number;
  readonly contract: string;
  readonly block: number;
  readonly blockHash: string;
}

/** A deposit as it was read. */
export interface DepositRow {
  readonly index: number;
  readonly account: string;
  /** nAIS. */
  readonly amount: bigint;
  readonly block: number;
  readonly blockHash: string;
  readonly transaction: string;
}

/** undefined before the first block that was read. */
export async function depositCursor(database: Pick<pg.ClientBase, "query">): Promise<DepositCursor | undefined> {
  const { rows } = await database.query<DepositCursor>(
    `SELECT chain, encode(contract, 'hex') AS contract, block, encode(block_hash, 'hex') AS "blockHash" FROM deposit_cursor`,
  );
  return rows[0];
}

/** How many are credited: since they are numbered without gaps, also the number of the next. */
export async function creditedDeposits(database: Pick<pg.ClientBase, "query">): Promise<number> {
  const { rows } = await database.query<{ count: number }>("SELECT coalesce(max(index) + 1, 0) AS count FROM deposits");
  return rows[0]?.count ?? 0;
}

/** Those of these numbers that are credited, both included, in their order. */
export async function depositsBetween(database: pg.Pool, first: number, last: number): Promise<DepositRow[]> {
  const { rows } = await database.query<Omit<DepositRow, "amount"> & { amount: string }>({
    name: "deposits-between",
    text: `SELECT index, encode(account, 'hex') AS account, amount::text, block, encode(block_hash, 'hex') AS "blockHash",
             encode(transaction, 'hex') AS transaction
           FROM deposits WHERE index BETWEEN $1 AND $2 ORDER BY index`,
    values: [first, last],
  });
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

/** What is credited together with the step of the cursor. */
export interface Crediting {
  /** Where the cursor was when the chain was read. */
  readonly before: DepositCursor | undefined;
  readonly after: DepositCursor;
  /** New ones, by number, the first of which is the next. */
  readonly fresh: readonly DepositRow[];
  /** Credited ones that are in other blocks now. */
  readonly moved: readonly DepositRow[];
}

/** "stale": cursor or deposits are no longer what they were when the chain was read; nothing is done. */
export type CreditAnswer = "credited" | "stale" | { readonly unfit: DepositRow; readonly refusal: LedgerRefusal };

/** Credits deposits: money, rows and cursor in one transaction, all of it or nothing. `now` is ms since 1970. */
export function creditDeposits(now: () => number): WriteKind<Crediting, CreditAnswer> {
  const ids = new AccountIds();
  return {
    order: 4,
    money: true,
    async write(client, asked) {
      const answers: CreditAnswer[] = [];
      for (const crediting of asked) answers.push(await credit(client, crediting, { ids, at: now() }));
      return answers;
    },
  };
}

async function credit(
  client: pg.PoolClient,
  { before, after, fresh, moved }: Crediting,
  how: { readonly ids: AccountIds; readonly at: number },
): Promise<CreditAnswer> {
  if (!isSame(await depositCursor(client), before)) return "stale";
  const [first] = fresh;
  if (first && first.index !== (await creditedDeposits(client))) return "stale";
  await client.query("SAVEPOINT deposits");
  const answers = await applyOperations(client, fresh.map(operationOf), how);
  for (const [at, answer] of answers.entries()) {
    const unfit = fresh[at];
    if (answer === "written" || answer === "known" || !unfit) continue;
    await client.query("ROLLBACK TO SAVEPOINT deposits");
    return { unfit, refusal: answer };
  }
  await insertDeposits(client, fresh);
  await moveDeposits(client, moved);
  await setCursor(client, after);
  return "credited";
}

function isSame(one: DepositCursor | undefined, other: DepositCursor | undefined): boolean {
  return one?.block === other?.block && one?.blockHash === other?.blockHash;
}

function operationOf({ index, account, amount }: DepositRow): DepositOperation {
  return { kind: "deposit", key: depositKey(index), requester: `requester:${account}`, amount };
}

async function insertDeposits(client: pg.PoolClient, rows: readonly DepositRow[]): Promise<void> {
  await client.query({
    name: "insert-deposits",
    text: `INSERT INTO deposits (index, account, amount, block, block_hash, transaction)
           SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])`,
    values: [
      rows.map(({ index }) => index),
      rows.map(({ account }) => Buffer.from(account, "hex")),
      rows.map(({ amount }) => String(amount)),
      ...placesOf(rows),
    ],
  });
}

async function moveDeposits(client: pg.PoolClient, rows: readonly DepositRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `UPDATE deposits SET block = new.block, block_hash = new.block_hash, transaction = new.transaction
     FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS new (index, block, block_hash, transaction)
     WHERE deposits.index = new.index`,
    [rows.map(({ index }) => index), ...placesOf(rows)],
  );
}

function placesOf(rows: readonly DepositRow[]): unknown[] {
  return [
    rows.map(({ block }) => block),
    rows.map(({ blockHash }) => Buffer.from(blockHash, "hex")),
    rows.map(({ transaction }) => Buffer.from(transaction, "hex")),
  ];
}

async function setCursor(client: pg.PoolClient, { chain, contract, block, blockHash }: DepositCursor): Promise<void> {
  await client.query(
    `INSERT INTO deposit_cursor (chain, contract, block, block_hash) VALUES ($1, decode($2, 'hex'), $3, decode($4, 'hex'))
     ON CONFLICT (id) DO UPDATE SET block = excluded.block, block_hash = excluded.block_hash`,
    [chain, contract, block, blockHash],
  );
}
