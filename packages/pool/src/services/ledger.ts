import { randomBytes } from "node:crypto";
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
import type { GroupCommit, WriteKind } from "./group-commit.js";

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
  /** How the books are written. */
  readonly money: WriteKind<LedgerOperation, LedgerAnswer>;
  readonly testMoney: boolean;
  #totals: Promise<Totals> | undefined;

  constructor({ database, commit, clock, testMoney }: LedgerGround) {
    this.#database = database;
    this.#commit = commit;
    this.money = moveMoney(clock);
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

  /**
   * Sets money aside for a job; asked again under the same key it changes nothing, and the answer is "known".
   * @throws {AegisError} `insufficient-funds`, `bad-argument`, `transfer-refused`
   */
  reserve({ account, job, amount, key }: Asked & { readonly job: Uint8Array }): Promise<"written" | "known"> {
    const requester = requesterAccount(account);
    const parties = { requester, escrow: escrowAccount(job) };
    return this.#require({ kind: "reserve", key: toHex(key), ...parties, amount: BigInt(amount) }, requester);
  }

  /** Gives `amount` nAIS of a job's escrow back to whoever reserved it. */
  async release(job: Uint8Array, amount: bigint): Promise<void> {
    const escrow = escrowAccount(job);
    await this.#require({ kind: "release", key: toHex(randomBytes(16)), escrow, amount }, escrow);
  }

  /**
   * Puts up a bond; asked again under the same key it changes nothing.
   * @throws {AegisError} `insufficient-funds`, `bad-argument`, `transfer-refused`
   */
  async bond({ account, amount, key, from }: Asked & { readonly from: "operator" | "requester" }): Promise<void> {
    const [hex, once] = [toHex(account), toHex(key)];
    const payer = `${from}:${hex}` as const;
    await this.#require({ kind: "bond", key: once, from: payer, bond: `bond:${hex}`, amount: BigInt(amount) }, payer);
  }

  /** Gives part of a bond back to its operator, by key in hexadecimal; `key` names it, and it is done once. */
  async unbond(operator: string, amount: bigint, key: string): Promise<void> {
    const parties = { bond: `bond:${operator}`, operator: `operator:${operator}` } as const;
    await this.#commit.submit(this.money, { kind: "unbond", key, ...parties, amount });
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

  async #require(operation: LedgerOperation, from: Account): Promise<"written" | "known"> {
    const answer: LedgerAnswer = await this.#commit.submit(this.money, operation);
    if (answer === "written" || answer === "known") return answer;
    throw await this.#refusal(answer, operation, from);
  }

  async #refusal(refusal: LedgerRefusal, operation: LedgerOperation, from: Account): Promise<AegisError> {
    if (refusal !== "insufficient-funds" || !("amount" in operation)) return refused(refusal);
    return insufficientFunds("account", await this.balance(from), operation.amount);
  }
}

function requesterAccount(key: Uint8Array): AccountOf<"requester"> {
  return `requester:${toHex(key)}`;
}

function escrowAccount(job: Uint8Array): AccountOf<"escrow"> {
  return `escrow:${toHex(job)}`;
}

/** @param there nAIS that are free where `needed` are */
export function insufficientFunds(where: string, there: bigint, needed: bigint): AegisError {
  return new AegisError({
    code: "insufficient-funds",
    message: `The ${where} has ${formatAis(there)} free; ${formatAis(needed)} are needed.`,
    next: "Fund it: `aegis account deposit AMOUNT` where the pool settles on a chain, `aegis account fund AMOUNT` where it has test money. Or lower --max-price or --time-limit, which bound what a task may cost.",
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
