import {
  type Account,
  type AccountOf,
  AegisError,
  formatAis,
  type LedgerAnswer,
  type LedgerOperation,
  type LedgerRefusal,
  toHex,
} from "@aegis-pool/core";
import type pg from "pg";
import { balanceOf, type StatementLine, statementOf, type Totals, totals } from "../store/ledger/reads.js";
import { moveMoney } from "../store/ledger/writes.js";
import type { Clock } from "./clock.js";
import type { GroupCommit } from "./group-commit.js";

/** What a ledger is built on. */
export interface LedgerGround {
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  /** Whether anybody may have money to play with. */
  readonly testMoney: boolean;
}

/** A request for money, as the key that it concerns has signed it. */
interface Asked {
  readonly account: Uint8Array;
  /** nAIS in decimal digits. */
  readonly amount: string;
  readonly key: Uint8Array;
}

/** The pool's books, for those who have accounts. An answer means that it is durable. */
export class Ledger {
  readonly #database: pg.Pool;
  readonly #commit: GroupCommit;
  readonly #money: ReturnType<typeof moveMoney>;
  readonly testMoney: boolean;
  #totals: Promise<Totals> | undefined;

  constructor({ database, commit, clock, testMoney }: LedgerGround) {
    this.#database = database;
    this.#commit = commit;
    this.#money = moveMoney(clock);
    this.testMoney = testMoney;
  }

  /**
   * Makes money to play with; asked again under the same key it changes nothing.
   * @returns the account's balance afterwards, in nAIS
   * @throws {AegisError} `test-money-off`, `bad-argument`, `transfer-refused`
   */
  async fund({ account, amount, key }: Asked): Promise<bigint> {
    if (!this.testMoney) throw testMoneyOff();
    const requester = requesterAccount(account);
    await this.#require({ kind: "fund", key: toHex(key), requester, amount: BigInt(amount) }, requester);
    return this.balance(requester);
  }

  /** nAIS; 0 where nothing has ever moved. */
  balance(account: Account): Promise<bigint> {
    return balanceOf(this.#database, account);
  }

  /** Up to `limit` lines after the line `after`, the oldest first. */
  statement(account: Account, after: number, limit: number): Promise<StatementLine[]> {
    return statementOf(this.#database, account, after, limit);
  }

  /** What the accounts of each kind hold together. All who ask at the same time share one look, which reads every fee. */
  totals(): Promise<Totals> {
    this.#totals ??= totals(this.#database).finally(() => (this.#totals = undefined));
    return this.#totals;
  }

  async #require(operation: LedgerOperation, from: Account): Promise<void> {
    const answer: LedgerAnswer = await this.#commit.submit(this.#money, operation);
    if (answer === "written" || answer === "known") return;
    throw await this.#refusal(answer, operation, from);
  }

  async #refusal(refusal: LedgerRefusal, operation: LedgerOperation, from: Account): Promise<AegisError> {
    if (refusal !== "insufficient-funds" || operation.kind === "post") return refused(refusal);
    return insufficientFunds(await this.balance(from), operation.amount);
  }
}

export function requesterAccount(key: Uint8Array): AccountOf<"requester"> {
  return `requester:${toHex(key)}`;
}

/** @param there nAIS that are free, of `needed` */
export function insufficientFunds(there: bigint, needed: bigint): AegisError {
  return new AegisError({
    code: "insufficient-funds",
    message: `The account holds ${formatAis(there)} (${there} nAIS); ${formatAis(needed)} (${needed} nAIS) are needed.`,
    next: "Fund it: `aegis account fund AMOUNT` where the pool has test money. Or lower --max-price or --time-limit, which bound what a task may cost.",
  });
}

const testMoneyOff = () =>
  new AegisError({
    code: "test-money-off",
    message: "This pool has no money to play with: accounts are not filled by asking.",
    next: "Start a pool of your own with `aegis pool --test-money`, or ask this one's operator how accounts are filled.",
  });

const reasons: Readonly<Record<Exclude<LedgerRefusal, "insufficient-funds" | "amount-out-of-range">, string>> = {
  "key-reused": "another transfer of this account has the same key",
  "supply-exhausted": "that would be more money than there may ever be",
  "unknown-reservation": "nothing is reserved for this job",
  "other-payer": "another account has reserved for this job, and gets back what is left of it",
};

function refused(refusal: LedgerRefusal): AegisError {
  if (refusal === "amount-out-of-range" || refusal === "insufficient-funds") {
    return new AegisError({
      code: "bad-argument",
      message: "An amount is a whole number of nAIS above zero.",
      next: "Give another amount.",
    });
  }
  return new AegisError({
    code: "transfer-refused",
    message: `The transfer is refused: ${reasons[refusal]}.`,
    next: "See docs/errors/transfer-refused.md; nothing was moved.",
  });
}
