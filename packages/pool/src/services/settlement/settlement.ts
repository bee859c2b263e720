import type { ChainConnection, Deposits } from "@aegis-pool/chain";
import { AegisError, formatAis } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import {
  type CreditAnswer,
  creditDeposits,
  type Crediting,
  creditedDeposits,
  depositCursor,
  type DepositCursor,
  depositsBetween,
} from "../../store/deposit-rows.js";
import type { Clock } from "../clock.js";
import type { GroupCommit } from "../group-commit.js";
import { type ReadDeposits, readDeposits } from "./reading.js";

/** Why no deposits are credited. */
export interface SettlementProblem {
  readonly what:
    /** The node is not there, or stalls. */
    | "unreachable"
    /** What it answers cannot be so. */
    | "nonsense"
    /** It does not have the last block that was read. */
    | "behind"
    /** It leaves out events. */
    | "incomplete"
    /** A credited deposit is no longer on the chain, or is another one. */
    | "reorganised"
    /** A deposit that the ledger does not take: it is no AIS. */
    | "unfit";
  /** A sentence. */
  readonly message: string;
}

/** How a pool stands with its chain. */
export interface SettlementStatus {
  readonly chainId: number;
  readonly distributor: string;
  readonly deposits: string;
  readonly token: string;
  readonly confirmations: number;
  /** All deposits up to this block are credited; undefined before the first. */
  readonly safeBlock: number | undefined;
  /** The newest block; undefined before the first answer. */
  readonly head: number | undefined;
  /** Deposits. */
  readonly credited: number;
  readonly problem: SettlementProblem | undefined;
}

/** What a settlement is built on. */
export interface SettlementGround {
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, "info" | "warn" | "error">;
}

/** A pool's chain, and what it must be patient for. */
export interface SettlementChain {
  readonly connection: Pick<ChainConnection, "chainId" | "head" | "block" | "close">;
  readonly deposits: Pick<Deposits, "address" | "distributor" | "token" | "count" | "between">;
  /** Blocks that must be on top of one before its deposits are credited. */
  readonly confirmations: number;
}

/** A step that ended without anything to credit. */
class Halt extends Error {
  readonly problem: SettlementProblem;

  constructor(what: SettlementProblem["what"], message: string) {
    super(message);
    this.problem = { what, message };
  }
}

/**
 * Credits what is paid in on a chain. It looks, reads from where it was up to the last block that is deep enough, and writes money and place in one
 * commit. Whatever goes wrong in between is the same as not having looked.
 */
export class Settlement {
  readonly #ground: SettlementGround;
  readonly #chain: SettlementChain;
  readonly #crediting: ReturnType<typeof creditDeposits>;
  #cursor: DepositCursor | undefined;
  #credited = 0;
  #head: number | undefined;
  #problem: SettlementProblem | undefined;
  /** Whether all is read again where something is missing: once, since it may have been overlooked before. */
  #mayReadAll = true;
  /** A block of a history in which a credited deposit was found to be another. */
  #differs: { readonly number: number; readonly hash: string } | undefined;

  private constructor(ground: SettlementGround, chain: SettlementChain) {
    this.#ground = ground;
    this.#chain = chain;
    this.#crediting = creditDeposits(ground.clock);
  }

  static async open(ground: SettlementGround, chain: SettlementChain): Promise<Settlement> {
    const settlement = new Settlement(ground, chain);
    await settlement.#load();
    return settlement;
  }

  get status(): SettlementStatus {
    const { connection, deposits, confirmations } = this.#chain;
    const { address, distributor, token } = deposits;
    const contracts = { chainId: connection.chainId, distributor, deposits: address, token };
    const place = { safeBlock: this.#cursor?.block, head: this.#head, credited: this.#credited };
    return { ...contracts, confirmations, ...place, problem: this.#problem };
  }

  /** Ends what is asked of the chain: the pool stops. */
  close(): void {
    this.#chain.connection.close();
  }

  /** Credits what is deep enough. What keeps it from doing so is in `status`; it is tried again with the next. */
  async poll(): Promise<void> {
    try {
      await this.#step();
      this.#say(undefined);
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  async #step(): Promise<void> {
    const { connection, deposits, confirmations } = this.#chain;
    this.#head = await connection.head();
    const isOnChain = await this.#isCursorOnChain(this.#head);
    const last = this.#head - confirmations;
    const [block, next] = [this.#cursor?.block ?? -1, this.#credited];
    if (last < 0 || (isOnChain && last <= block)) return; // nothing is deep enough yet
    const safe = await this.#block(last);
    const count = await deposits.count(last);
    const nothingNew = { end: last, fresh: [], moved: [] };
    const read = isOnChain && count === next ? nothingNew : await this.#read(isOnChain, { count, last });
    const end = await this.#block(read.end);
    if ((await this.#block(last)).hash !== safe.hash) return; // it was reorganised meanwhile: what was read may be of two histories
    await this.#credit(read, end.hash.slice(2));
  }

  /** Whether the chain still has the block up to which all is credited. */
  async #isCursorOnChain(head: number): Promise<boolean> {
    if (!this.#cursor) return true;
    const { block, blockHash } = this.#cursor;
    const now = await this.#chain.connection.block(block);
    if (!now)
      throw new Halt("behind", `The chain's node is at block ${head}; deposits are credited up to block ${block}.`);
    return now.hash === `0x${blockHash}`;
  }

  async #block(number: number) {
    const block = await this.#chain.connection.block(number);
    if (!block)
      throw new Halt("behind", `The chain's node says that it has come beyond block ${number}, and does not have it.`);
    return block;
  }

  /** What is to be credited: from the cursor on; from the beginning where the chain has another history now. */
  async #read(isOnChain: boolean, { count, last }: { count: number; last: number }): Promise<ReadDeposits> {
    const next = this.#credited;
    const credited = (first: number, end: number) => depositsBetween(this.#ground.database, first, end);
    const all = { first: 0, last, from: 0, next, credited };
    if (!isOnChain) return this.#readReorganised(all, count);
    if (this.#cursor) {
      const read = await readDeposits(this.#chain, { ...all, first: this.#cursor.block + 1, from: next });
      if (typeof read !== "string") return read;
      if (!this.#mayReadAll) throw incomplete("leaves out deposits");
    }
    const read = await readDeposits(this.#chain, all);
    this.#mayReadAll = false;
    if (read === "different") throw reorganised();
    if (read === "incomplete") throw incomplete("leaves out deposits");
    return read;
  }

  /** Where all that was credited is there again, perhaps in other blocks, it goes on; else nothing is credited, and nothing taken back. */
  async #readReorganised(all: Parameters<typeof readDeposits>[1], count: number): Promise<ReadDeposits> {
    if (count < all.next) throw reorganised();
    const before = this.#differs && (await this.#chain.connection.block(this.#differs.number));
    if (before && before.hash === this.#differs?.hash) throw reorganised(); // it need not be read again to say so
    const read = await readDeposits(this.#chain, all);
    if (read === "incomplete") throw incomplete("leaves out deposits");
    if (read !== "different") return read;
    this.#differs = await this.#block(all.last);
    throw reorganised();
  }

  async #credit({ end, fresh, moved }: ReadDeposits, blockHash: string): Promise<void> {
    const { connection, deposits } = this.#chain;
    const contract = deposits.address.slice(2).toLowerCase();
    const after = { chain: connection.chainId, contract, block: end, blockHash };
    const crediting: Crediting = { before: this.#cursor, after, fresh, moved };
    const answer = await this.#ground.commit.submit(this.#crediting, crediting);
    if (answer === "stale") return this.#load();
    if (answer !== "credited") throw unfit(answer);
    this.#cursor = after;
    this.#credited += fresh.length;
    this.#mayReadAll = true;
    if (fresh.length > 0) this.#ground.log.info({ deposits: fresh.length, block: end }, "deposits are credited");
  }

  async #load(): Promise<void> {
    this.#cursor = await depositCursor(this.#ground.database);
    this.#credited = await creditedDeposits(this.#ground.database);
  }

  /** Once for each problem, not at each look. */
  #say(problem: SettlementProblem | undefined): void {
    const { log } = this.#ground;
    const before = this.#problem?.what;
    this.#problem = problem;
    if (before === problem?.what) return;
    if (!problem) return log.info({ problem: before }, "deposits are credited again");
    const isHarmless = problem.what === "unreachable" || problem.what === "behind";
    log[isHarmless ? "warn" : "error"]({ problem: problem.what }, `no deposits are credited: ${problem.message}`);
  }
}

/** What keeps deposits from being credited. @throws what is none of the chain's: the database's */
function problemOf(error: unknown): SettlementProblem {
  if (error instanceof Halt) return error.problem;
  if (error instanceof AegisError && error.code === "chain-unreachable") {
    return { what: "unreachable", message: error.message };
  }
  if (error instanceof AegisError && error.code === "chain-refused")
    return { what: "nonsense", message: error.message };
  throw error;
}

const incomplete = (how: string) => new Halt("incomplete", `The chain's node ${how}.`);

const reorganised = () =>
  new Halt(
    "reorganised",
    "The chain has another history than when deposits were credited, and they are not all in it. Nothing is taken back by itself.",
  );

function unfit({ unfit: { index, amount }, refusal }: Exclude<CreditAnswer, string>): Halt {
  return new Halt("unfit", `Deposit ${index} of ${formatAis(amount)} is nothing that can be AIS (${refusal}).`);
}
