import type { Account } from "@aegis-pool/core";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newPoolDatabase, type TestDatabase } from "../../../../test/fixtures/postgres.js";
import { GroupCommit } from "../../src/services/group-commit.js";
import { openDatabase } from "../../src/store/database.js";
import {
  creditDeposits,
  creditedDeposits,
  depositCursor,
  type DepositCursor,
  type DepositRow,
  depositsBetween,
} from "../../src/store/deposit-rows.js";
import { balanceOf } from "../../src/store/ledger/reads.js";

let made: TestDatabase;
let database: pg.Pool;
beforeAll(async () => {
  made = await newPoolDatabase();
  database = openDatabase(made.url);
});
afterAll(async () => {
  await database.end();
  await made.remove();
});

const cursorAt = (block: number, blockHash = "b0".repeat(32)): DepositCursor => ({
  ...{ chain: 5, contract: "c0".repeat(20), block, blockHash },
});
const row = (index: number, amount = 10n): DepositRow => ({
  ...{ index, account: "ac".repeat(32), amount, block: 7, blockHash: "b7".repeat(32), transaction: "77".repeat(32) },
});
const account: Account = `requester:${"ac".repeat(32)}`;

it("deposits are credited once, whoever else has read the same", async () => {
  const commit = new GroupCommit(database, () => undefined);
  const kind = creditDeposits(() => 1_000);
  const credit = (before: DepositCursor | undefined, after: DepositCursor, ...fresh: DepositRow[]) =>
    commit.submit(kind, { before, after, fresh, moved: [] });
  const both = [1, 2].map(() => credit(undefined, cursorAt(9), row(0), row(1)));
  expect(await Promise.all(both)).toEqual(["credited", "stale"]);
  expect(await credit(cursorAt(8), cursorAt(12), row(2))).toBe("stale");
  expect(await credit(cursorAt(9, "b1".repeat(32)), cursorAt(12), row(2))).toBe("stale");
  expect(await credit(cursorAt(9), cursorAt(12), row(1))).toBe("stale");
  expect(await credit(cursorAt(9), cursorAt(12), row(3))).toBe("stale");
  expect(await balanceOf(database, account)).toBe(20n);
  expect(await credit(cursorAt(9), cursorAt(12), row(2))).toBe("credited");
  expect(await credit(cursorAt(12), cursorAt(13))).toBe("credited");
  expect([await depositCursor(database), await creditedDeposits(database)]).toEqual([cursorAt(13), 3]);
  expect(await depositsBetween(database, 1, 2)).toEqual([row(1), row(2)]);
  const unfit = row(4, 10n ** 17n);
  expect(await credit(cursorAt(13), cursorAt(14), row(3), unfit)).toEqual({ unfit, refusal: "supply-exhausted" });
  expect([await balanceOf(database, account), await depositCursor(database)]).toEqual([30n, cursorAt(13)]);
});
