import type { LedgerOperation } from "@aegis-pool/core";
import { Book, fromCbor, openStatement, receiptStatement, type Signed } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyAccounts,
  anyHistory,
  escrow,
  itKeepsBooks,
  operator,
  requester,
  type TestedLedger,
} from "../../../../test/fixtures/ledger-contract.js";
import { GroupCommit } from "../../src/services/group-commit.js";
import { insertTask } from "../../src/store/task-writes.js";
import { signedOutcomes } from "../../src/services/market/signed-outcomes.js";
import { moveMoney } from "../../src/store/ledger/writes.js";
import { statementOf, totals } from "../../src/store/ledger/reads.js";
import { ledgerOf, sharedBooks } from "./open-ledger.js";

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

const ledgerDatabase = sharedBooks();

describe("the books in a database", () => {
  itKeepsBooks(async () => ledgerOf(await ledgerDatabase()));

  it("answer every history as the books in memory do, whatever shares a commit", async () => {
    const database = await ledgerDatabase();
    const same = async (operations: readonly LedgerOperation[], batch: number) => {
      await ledgerDatabase(); // emptied
      const [book, ledger] = [new Book(), ledgerOf(database)];
      for (let at = 0; at < operations.length; at += batch) {
        const some = operations.slice(at, at + batch);
        expect(await ledger.apply(some)).toEqual(some.map((operation) => book.apply(operation)));
      }
      for (const account of anyAccounts) {
        expect([account, await ledger.balance(account)]).toEqual([account, book.balance(account)]);
      }
      expect(sum(Object.values(await totals(database)))).toBe(0n);
    };
    await fc.assert(fc.asyncProperty(anyHistory, fc.constantFrom(1, 3, 60), same), { numRuns: 60 });
  });

  it("balance at every commit while several connections move money between the same accounts", async () => {
    const database = await ledgerDatabase();
    const ledgers = [1, 2, 3, 4].map(() => ledgerOf(database));
    const [first] = ledgers;
    await first?.apply(
      ["ada", "ben"].map((name) => ({ kind: "fund", key: "01", requester: requester(name), amount: 10_000n })),
    );
    const sums = new Set<bigint>();
    const write = async (ledger: TestedLedger, at: number) => {
      for (let round = 0; round < 30; round++) {
        await ledger.apply(manyOperations(at, round));
        sums.add(sum(Object.values(await totals(database)))); // the other three write meanwhile
      }
    };
    await Promise.all(ledgers.map(write));
    expect([...sums]).toEqual([0n]);
    const { rows } = await database.query<{ tasks: number; payments: number }>(
      "SELECT count(DISTINCT (debit, key)) AS tasks, count(*) AS payments FROM transfers WHERE kind = 2",
    );
    expect(rows[0]?.tasks).toBe(rows[0]?.payments);
    expect(rows[0]?.tasks).toBeGreaterThan(100);
  });

  it("undo nothing else of a commit where they find that something was done before", async () => {
    const database = await ledgerDatabase();
    const commit = new GroupCommit(database, () => undefined);
    const ledger = ledgerOf(database, commit);
    const fund = { kind: "fund", key: "01", requester: requester("ada"), amount: 7n } as const;
    await ledger.apply([fund]);
    const [job, manifest] = [Buffer.alloc(32), Buffer.alloc(1)];
    const task = {
      number: 77,
      job,
      age: 1,
      manifest,
      manifestSignature: manifest,
      input: undefined,
      gang: undefined,
      replicaOf: undefined,
    };
    const inserted = commit.submit(insertTask, task);
    expect(await ledger.apply([fund])).toEqual(["known"]);
    expect(await inserted).toBe("written");
    const { rows } = await database.query("SELECT number FROM tasks");
    expect(rows).toEqual([{ number: 77 }]);
  });

  it("pay no task for which nothing was set aside, as those from before there were books, and its receipt says so", async () => {
    const database = await ledgerDatabase();
    const commit = new GroupCommit(database, () => undefined);
    const signer = createEd25519Signer();
    const kind = signedOutcomes({ signer, primitives, money: moveMoney(() => 1_000) });
    const [job, key] = [Buffer.alloc(32, 5), new Uint8Array(32)];
    const task = {
      number: 78,
      job,
      age: 2,
      manifest: key,
      manifestSignature: key,
      input: undefined,
      gang: undefined,
      replicaOf: undefined,
    };
    await commit.submit(insertTask, task);
    const amounts = { work: 1, price: "100", charge: "100", reward: "90", fee: "10" };
    const parties = { pool: signer.publicKey, agent: key, operator: key, run: key };
    const receipt = { number: 78, fence: 1, ...parties, ...amounts, payment: "paid" as const, issuedAt: 1 };
    const nothing = {
      reason: undefined,
      agent: undefined,
      run: undefined,
      opened: undefined,
      result: undefined,
      log: undefined,
      keepsInput: false,
    };
    const ended = { number: 78, job, sequence: 1, state: "completed" as const, ...nothing, receipt };
    const outcome = await commit.submit(kind, ended);
    const signed = fromCbor(outcome.receipt ?? new Uint8Array(0)) as Signed;
    expect(openStatement(receiptStatement, signed, signer.publicKey, primitives)).toMatchObject({
      payment: "unfunded",
      charge: "0",
      reward: "0",
      fee: "0",
    });
    expect((await totals(database))["operator"]).toBeUndefined();
  });

  it("cannot be changed afterwards", async () => {
    const database = await ledgerDatabase();
    await ledgerOf(database).apply([{ kind: "fund", key: "01", requester: requester("ada"), amount: 7n }]);
    for (const change of [
      "UPDATE transfers SET amount = 8",
      "DELETE FROM transfers",
      "TRUNCATE transfers",
      "UPDATE accounts SET payer = NULL",
      "DELETE FROM accounts",
      "TRUNCATE accounts CASCADE",
      "DELETE FROM balances",
      "TRUNCATE balances",
    ]) {
      await expect(database.query(change)).rejects.toThrow(/are never changed/);
    }
  });

  it("hold no balance below its floor, whoever writes it", async () => {
    const database = await ledgerDatabase();
    await ledgerOf(database).apply([{ kind: "fund", key: "01", requester: requester("ada"), amount: 7n }]);
    for (const [name, balance] of [
      [requester("ada"), "-1"],
      ["burned", "-1"],
      ["emission", "-20000000000000001"],
      ["test-money", "-80000000000000001"],
    ]) {
      const change = database.query("UPDATE balances SET balance = $2 FROM accounts WHERE id = account AND name = $1", [
        name,
        balance,
      ]);
      await expect(change).rejects.toThrow(/check constraint/);
    }
  });

  it("give a statement page by page, which adds up to the balance", async () => {
    const database = await ledgerDatabase();
    const ledger = ledgerOf(database);
    await ledger.apply([
      { kind: "fund", key: "01", requester: requester("ada"), amount: 500n },
      { kind: "reserve", key: "02", requester: requester("ada"), escrow: escrow("j1"), amount: 300n },
      { kind: "post", key: "03", escrow: escrow("j1"), operator: operator("grid"), reward: 90n, fee: 10n },
      { kind: "post", key: "04", escrow: escrow("j1"), operator: operator("lab"), reward: 45n, fee: 5n },
      { kind: "release", key: "05", escrow: escrow("j1"), amount: 150n },
    ]);
    const seen: string[] = [];
    for (let after = 0; ;) {
      const page = await statementOf(database, escrow("j1"), after, 2);
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map(({ kind, key, other, amount }) => `${kind} ${key} ${other.split(":")[0]} ${amount}`));
      after = page.at(-1)?.id ?? 0;
    }
    expect(seen).toEqual([
      "reserve 02 requester 300",
      "reward 03 operator -90",
      "fee 03 fees -10",
      "reward 04 operator -45",
      "fee 04 fees -5",
      "release 05 requester -150",
    ]);
  });
});

const key = (...parts: number[]): string => Buffer.from(parts).toString("hex");

/** Both directions between the same few accounts, so that transactions meet; of each task two connections try to pay it. */
function manyOperations(connection: number, round: number): LedgerOperation[] {
  const own = Array.from({ length: 10 }, (_, at): LedgerOperation[] => {
    const name = (at + connection) % 2 === 0 ? "ada" : "ben";
    const job = escrow(name === "ada" ? "j1" : "j2");
    return [
      { kind: "reserve", key: key(connection, round, at), requester: requester(name), escrow: job, amount: 13n },
      { kind: "release", key: key(connection, round, at), escrow: job, amount: 2n },
      // the keys of two connections: one of the two pays
      {
        kind: "post",
        key: key(connection >> 1, round, at),
        escrow: job,
        operator: operator("lab"),
        reward: 9n,
        fee: 1n,
      },
    ];
  });
  return (connection % 2 === 0 ? own : own.toReversed()).flat();
}
