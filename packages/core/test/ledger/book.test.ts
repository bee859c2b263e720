import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyHistory as history,
  anyOperation,
  itKeepsBooks,
  type TestedLedger,
} from "../../../../test/fixtures/ledger-contract.js";
import { type Account, floorOf } from "../../src/ledger/accounts.js";
import { Book } from "../../src/ledger/book.js";
import type { LedgerOperation } from "../../src/ledger/operations.js";

function inMemory(): TestedLedger {
  const book = new Book();
  return {
    apply: async (operations) => operations.map((operation) => book.apply(operation)),
    balance: async (account) => book.balance(account),
  };
}

const histories = { numRuns: 1_000 };
const played = (operations: readonly LedgerOperation[]): Book => {
  const book = new Book();
  for (const operation of operations) book.apply(operation);
  return book;
};
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);
const balances = (book: Book): Map<Account, bigint> =>
  new Map([...book.accounts].map(([account, { balance }]) => [account, balance]));

/** What came to accounts of a kind, what went from them by transfers of some kinds, and what is there. */
const came = (book: Book, of: string) =>
  sum(book.written.filter(({ credit }) => credit.startsWith(of)).map(({ amount }) => amount));
const went = (book: Book, of: string, kinds?: readonly string[]) =>
  sum(
    book.written
      .filter(({ debit, kind }) => debit.startsWith(of) && (kinds?.includes(kind) ?? true))
      .map(({ amount }) => amount),
  );
const there = (book: Book, of: string) =>
  sum([...balances(book)].flatMap(([account, balance]) => (account.startsWith(of) ? [balance] : [])));

describe("a book", () => {
  itKeepsBooks(async () => inMemory());
});

describe("after any history", () => {
  it("the balances of all accounts come to nothing, and none is below its floor", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const all = balances(played(operations));
        expect(sum(all.values())).toBe(0n);
        for (const [account, balance] of all) expect(balance).toBeGreaterThanOrEqual(floorOf(account));
      }),
      histories,
    );
  });

  it("a balance is what came less what went", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const book = played(operations);
        for (const [account, balance] of balances(book)) {
          const got = book.written.filter(({ credit }) => credit === account).map(({ amount }) => amount);
          const gave = book.written.filter(({ debit }) => debit === account).map(({ amount }) => amount);
          expect(balance).toBe(sum(got) - sum(gave));
        }
      }),
      histories,
    );
  });

  it("what was done is known, and doing it all again changes nothing", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const book = new Book();
        const done = operations.filter((operation) => book.apply(operation) === "written");
        const before = balances(book);
        for (const operation of done) expect(book.apply(operation)).toBe("known");
        expect(balances(book)).toEqual(before);
      }),
      histories,
    );
  });

  it("what is refused changes nothing", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const book = new Book();
        for (const operation of operations) {
          const [before, count] = [balances(book), book.written.length];
          if (book.apply(operation) === "written") continue;
          expect(balances(book)).toEqual(before);
          expect(book.written).toHaveLength(count);
        }
      }),
      histories,
    );
  });

  it("what was reserved is spent, given back or still there", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const book = played(operations);
        expect(came(book, "escrow:")).toBe(went(book, "escrow:") + there(book, "escrow:"));
        expect(went(book, "escrow:", ["reward", "fee", "release", "hold"])).toBe(went(book, "escrow:"));
      }),
      histories,
    );
  });

  it("what was held is paid, given back, owed or still there", () => {
    const parts = ["reward", "fee", "refund", "compensation", "penalty"];
    fc.assert(
      fc.property(history, (operations) => {
        const book = played(operations);
        expect(came(book, "held:")).toBe(went(book, "held:", parts) + there(book, "held:"));
      }),
      histories,
    );
  });

  it("what is deposited is what was credited, each deposit once, whoever it is for", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const book = played(operations);
        const credited = book.written.filter(({ kind }) => kind === "deposit");
        expect(credited.every(({ debit, credit }) => debit === "deposited" && credit.startsWith("requester:"))).toBe(
          true,
        );
        expect(sum(credited.map(({ amount }) => amount))).toBe(-book.balance("deposited"));
        expect(new Set(credited.map(({ key }) => key)).size).toBe(credited.length);
      }),
      histories,
    );
  });

  it("no transfer is of nothing or less, and none is written twice", () => {
    fc.assert(
      fc.property(history, (operations) => {
        const { written } = played(operations);
        expect(written.every(({ amount }) => amount > 0n)).toBe(true);
        expect(new Set(written.map(({ debit, kind, key }) => `${debit} ${kind} ${key}`)).size).toBe(written.length);
      }),
      histories,
    );
  });

  it("a book that goes on from what another has written answers as that one", () => {
    fc.assert(
      fc.property(history, anyOperation, (operations, next) => {
        const book = played(operations);
        const loaded = new Book(book.accounts, book.written);
        expect(loaded.apply(next)).toBe(book.apply(next));
        expect(balances(loaded)).toEqual(balances(book));
      }),
      histories,
    );
  });

  it("the histories do all that can be done, and meet every refusal", () => {
    const met = new Set<string>();
    for (const operations of fc.sample(history, { numRuns: 2_000, seed: 7 })) {
      const book = new Book();
      for (const operation of operations) met.add(`${operation.kind} ${book.apply(operation)}`);
    }
    const kinds = ["fund", "deposit", "reserve", "post", "release", "bond", "unbond"];
    const anywhere = ["written", "known", "key-reused", "amount-out-of-range"].flatMap((answer) =>
      kinds.map((kind) => `${kind} ${answer}`),
    );
    const somewhere = [
      ...["reserve other-payer", "fund supply-exhausted", "deposit supply-exhausted", "post unknown-reservation"],
    ];
    const unfunded = ["reserve", "post", "release", "bond", "unbond"].map((kind) => `${kind} insufficient-funds`);
    expect([...anywhere, ...somewhere, ...unfunded].filter((each) => !met.has(each))).toEqual([]);
  });
});
