import {
  type Account,
  type AccountState,
  type LedgerAnswer,
  type LedgerOperation,
  type Transfer,
  transferKinds,
  transfersOf,
} from "@aegis-pool/core";
import { hasCode } from "@aegis-pool/platform";
import type pg from "pg";
import type { WriteKind } from "../../services/group-commit.js";
import { AccountIds } from "./account-ids.js";
import { type LoadedBook, loadBook } from "./loaded.js";

/** "money" in ASCII; any number that nothing else in this database takes. */
const booksLock = 0x6d6f6e6579;

/**
 * One transaction at a time writes the books. Each holds up to thousands of operations, so that waiting makes batches larger,
 * not throughput smaller; locks on rows would be written to the disk, one for each account.
 */
const lockBooks = `SELECT pg_advisory_xact_lock(${booksLock}); SAVEPOINT books`;

/** Does operations on the books; `now` is ms since 1970. */
export function moveMoney(now: () => number): WriteKind<LedgerOperation, LedgerAnswer> {
  const ids = new AccountIds();
  return {
    order: 3,
    money: true,
    write: (client, operations) => applyOperations(client, operations, { ids, at: now() }),
  };
}

/**
 * Does `operations` one after another, in the transaction that `client` is in: what they touch is loaded, core decides, and
 * all of a batch is written at once. That keys are new is left to the index that says so, since they nearly always are:
 * only where one is not, or something is refused, is all done again with what has these keys loaded too.
 */
export async function applyOperations(
  client: pg.PoolClient,
  operations: readonly LedgerOperation[],
  { ids, at }: { ids: AccountIds; at: number },
): Promise<LedgerAnswer[]> {
  await client.query(lockBooks);
  if (operations.every(isSeenByIndex)) {
    const hopeful = await loadBook(client, operations, { ids, before: false });
    const answers = operations.map((operation) => hopeful.book.apply(operation));
    if (answers.every((answer) => answer === "written") && (await writeNew(client, hopeful, at))) return answers;
  }
  const loaded = await loadBook(client, operations, { ids, before: true });
  const known = operations.map((operation) => loaded.book.apply(operation));
  if (loaded.book.written.length > 0) await write(client, loaded, at);
  return known;
}

/**
 * Whether any two such operations of one key have a transfer of the same kind: then the index sees a key that is used again. A transfer of nothing is not
 * written, so that of two penalties one may have been paid to the injured alone, and the other burned.
 */
function isSeenByIndex(operation: LedgerOperation): boolean {
  const { kind } = operation;
  if (kind !== "settle" && kind !== "seize") return true; // the first of its transfers is never of nothing
  return transfersOf(operation, "requester:").every(({ amount }) => amount > 0n);
}

/** PostgreSQL's code for a row that an index has already. */
const uniqueViolation = "23505";

/** Writes where all keys are new; else nothing, and answers false. */
async function writeNew(client: pg.PoolClient, loaded: LoadedBook, at: number): Promise<boolean> {
  try {
    await write(client, loaded, at);
    return true;
  } catch (error) {
    if (!hasCode(error, uniqueViolation)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT books");
    return false;
  }
}

async function write(client: pg.PoolClient, { book, accounts }: LoadedBook, at: number): Promise<void> {
  const touched = new Set(book.written.flatMap(({ debit, credit }) => [debit, credit]));
  touched.delete("fees"); // a sum: nothing to keep
  const states = [...touched].map((name): [Account, AccountState] => [name, stateIn(book.accounts, name)]);
  const made = await insertAccounts(
    client,
    states.filter(([name]) => !accounts.has(name)),
  );
  const idOf = (name: Account): number => accounts.get(name)?.id ?? made.get(name) ?? unknownAccount(name);
  const changed = states.filter(([name]) => accounts.has(name));
  await insertTransfers(client, book.written, { idOf, changed, at });
}

function stateIn(states: ReadonlyMap<Account, AccountState>, name: Account): AccountState {
  return states.get(name) ?? { balance: 0n, payer: undefined };
}

async function insertAccounts(
  client: pg.PoolClient,
  made: readonly (readonly [Account, AccountState])[],
): Promise<Map<Account, number>> {
  if (made.length === 0) return new Map();
  const { rows } = await client.query<{ name: Account; id: number }>({
    name: "insert-accounts",
    // numbered first, and joined nowhere: the names of a hundred thousand new accounts would be compared with each other
    text: `WITH new AS MATERIALIZED (
             SELECT nextval(pg_get_serial_sequence('accounts', 'id')) AS id, name, payer, balance
             FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (name, payer, balance)),
           made AS (INSERT INTO accounts (id, name, payer) OVERRIDING SYSTEM VALUE SELECT id, name, payer FROM new),
           held AS (INSERT INTO balances (account, balance) SELECT id, balance FROM new)
           SELECT id, name FROM new`,
    values: [
      made.map(([name]) => name),
      made.map(([, { payer }]) => payer ?? null),
      made.map(([, { balance }]) => String(balance)),
    ],
  });
  return new Map(rows.map(({ name, id }) => [name, id]));
}

interface Written {
  readonly idOf: (name: Account) => number;
  /** The new balances of accounts that were there. */
  readonly changed: readonly (readonly [Account, AccountState])[];
  readonly at: number;
}

async function insertTransfers(
  client: pg.PoolClient,
  transfers: readonly Transfer[],
  { idOf, changed, at }: Written,
): Promise<void> {
  await client.query({
    name: "insert-transfers",
    text: `WITH moved AS (
             INSERT INTO transfers (debit, kind, key, credit, amount, at)
             SELECT debit, kind, key, credit, amount, $6
             FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::bigint[], $5::bigint[])
               AS new (debit, kind, key, credit, amount))
           UPDATE balances SET balance = new.balance FROM unnest($7::bigint[], $8::bigint[]) AS new (account, balance)
           WHERE balances.account = new.account`,
    values: [
      transfers.map(({ debit }) => idOf(debit)),
      transfers.map(({ kind }) => transferKinds.indexOf(kind)),
      transfers.map(({ key }) => Buffer.from(key, "hex")),
      transfers.map(({ credit }) => idOf(credit)),
      transfers.map(({ amount }) => String(amount)),
      at,
      changed.map(([name]) => idOf(name)),
      changed.map(([, { balance }]) => String(balance)),
    ],
  });
}

function unknownAccount(name: Account): never {
  throw new TypeError(`account ${name} was neither read nor made`);
}
