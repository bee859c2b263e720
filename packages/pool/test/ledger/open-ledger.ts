import type { Account, LedgerOperation } from "@aegis-pool/core";
import type pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { TestedLedger } from "../../../../test/fixtures/ledger-contract.js";
import { newPoolDatabase } from "../../../../test/fixtures/postgres.js";
import { GroupCommit } from "../../src/services/group-commit.js";
import { openDatabase } from "../../src/store/database.js";
import { balanceOf, totals } from "../../src/store/ledger/reads.js";
import { moveMoney } from "../../src/store/ledger/writes.js";

/** A migrated database for all tests of a file, whose books are empty again at every call. */
export function sharedBooks(): () => Promise<pg.Pool> {
  let database: pg.Pool | undefined;
  let remove: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const made = await newPoolDatabase();
    remove = () => made.remove();
    database = openDatabase(made.url);
  });
  afterAll(async () => {
    await database?.end();
    await remove?.();
  });
  return async () => {
    if (!database) throw new Error("the shared books are there within tests only");
    await empty(database);
    return database;
  };
}

/** Empties the books, which nobody who keeps them can. */
async function empty(database: pg.Pool): Promise<void> {
  await database.query(`SET session_replication_role = replica;
    TRUNCATE transfers; DELETE FROM balances WHERE account >= 16; DELETE FROM accounts WHERE id >= 16;
    UPDATE balances SET balance = 0; SET session_replication_role = origin`);
}

/** The books of `database` over a connection of their own, as a pool keeps them. */
export function ledgerOf(database: pg.Pool, commit = new GroupCommit(database, () => undefined)): TestedLedger {
  const kind = moveMoney(() => 1_000);
  return {
    apply: (operations: readonly LedgerOperation[]) =>
      Promise.all(operations.map((operation) => commit.submit(kind, operation))),
    balance: async (account: Account) =>
      account === "fees" ? ((await totals(database))["fees"] ?? 0n) : balanceOf(database, account),
  };
}
