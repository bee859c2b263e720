import {
  type Account,
  accountsOf,
  type AccountState,
  Book,
  type LedgerOperation,
  type Transfer,
  transferKinds,
  transfersOf,
} from "@aegis-pool/core";
import type pg from "pg";
import type { AccountIds, KnownAccount } from "./account-ids.js";

/** The part of the books that a batch touches. */
export interface LoadedBook {
  readonly book: Book;
  /** Accounts that are there. */
  readonly accounts: ReadonlyMap<Account, KnownAccount>;
}

/** What a batch touches, as it is in the database; `before`: whether its keys are looked for among those of earlier ones. */
export async function loadBook(
  client: pg.PoolClient,
  operations: readonly LedgerOperation[],
  { ids, before }: { ids: AccountIds; before: boolean },
): Promise<LoadedBook> {
  const touched = await ids.find(client, operations.flatMap(accountsOf));
  const payers = [...touched.values()].flatMap(({ payer }) => payer ?? []);
  const accounts = new Map([...touched, ...(await ids.find(client, payers))]);
  const states = await statesOf(client, accounts);
  const transfers = before ? await transfersBefore(client, operations, accounts) : [];
  return { book: new Book(states, transfers), accounts };
}

async function statesOf(
  client: pg.PoolClient,
  accounts: ReadonlyMap<Account, KnownAccount>,
): Promise<[Account, AccountState][]> {
  const names = new Map([...accounts].map(([name, { id }]) => [id, name]));
  const { rows } = await client.query<{ account: number; balance: string }>({
    name: "balances-of",
    text: "SELECT account, balance::text FROM balances WHERE account = ANY($1::bigint[])",
    values: [[...names.keys()]],
  });
  return rows.flatMap(({ account, balance }) => {
    const name = names.get(account);
    return name ? [[name, { balance: BigInt(balance), payer: accounts.get(name)?.payer }]] : [];
  });
}

interface TransferRow {
  readonly kind: number;
  readonly key: Buffer;
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: string;
}

/** The transfers that have the keys of `operations`, on the accounts that these take from. */
async function transfersBefore(
  client: pg.PoolClient,
  operations: readonly LedgerOperation[],
  accounts: ReadonlyMap<Account, KnownAccount>,
): Promise<Transfer[]> {
  const wanted = operations.map((operation) => nameOf(operation)).filter(({ debit }) => accounts.has(debit));
  const { rows } = await client.query<TransferRow>({
    name: "transfers-before",
    // lateral: else large books are read from end to end
    text: `SELECT kind, wanted.key, debtor.name AS debit, creditor.name AS credit, amount::text
           FROM unnest($1::bigint[], $2::bytea[]) AS wanted (debit, key)
           CROSS JOIN LATERAL (SELECT kind, credit, amount FROM transfers
             WHERE transfers.debit = wanted.debit AND transfers.key = wanted.key OFFSET 0) AS before
           JOIN accounts AS debtor ON debtor.id = wanted.debit JOIN accounts AS creditor ON creditor.id = credit`,
    values: [wanted.map(({ debit }) => accounts.get(debit)?.id), wanted.map(({ key }) => Buffer.from(key, "hex"))],
  });
  return rows.map((row) => transferOf(row));
}

/** All transfers of an operation take from one account under one key. */
function nameOf(operation: LedgerOperation): Pick<Transfer, "debit" | "key"> {
  const [first] = transfersOf(operation, "requester:"); // whoever gets it, that is no part of the name
  if (!first) throw new TypeError("an operation is at least one transfer");
  return first;
}

function transferOf({ kind, key, debit, credit, amount }: TransferRow): Transfer {
  const named = transferKinds[kind];
  if (!named) throw new TypeError(`the database has transfers of kind ${kind}, which this version does not know`);
  return { kind: named, key: key.toString("hex"), debit, credit, amount: BigInt(amount) };
}
