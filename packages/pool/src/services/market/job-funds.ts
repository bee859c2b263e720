import type { Reservation } from "@aegis-pool/core";
import type { Ledger } from "../ledger.js";
import type { Board } from "./board.js";
import type { Escrows } from "./escrows.js";
import type { Jobs } from "./jobs.js";
import type { LiveJob } from "./live.js";

/** What jobs have to spend: reserved by a requester's account, given back when it is not needed. */
export class JobFunds {
  readonly #board: Board;
  readonly #escrows: Escrows;
  readonly #jobs: Jobs;
  readonly #ledger: Ledger;

  constructor(parts: { board: Board; escrows: Escrows; jobs: Jobs; ledger: Ledger }) {
    this.#board = parts.board;
    this.#escrows = parts.escrows;
    this.#jobs = parts.jobs;
    this.#ledger = parts.ledger;
  }

  /**
   * Sets money aside for a job, once however often it is asked.
   * @returns nAIS that the job has for further tasks
   * @throws {AegisError} `insufficient-funds`, `bad-argument`, `transfer-refused`
   */
  async reserve(asked: Reservation): Promise<bigint> {
    const job = await this.#jobs.open(asked.job);
    const release = this.#board.hold(job);
    try {
      if ((await this.#ledger.reserve(asked)) === "written") this.#escrows.reserved(job, BigInt(asked.amount));
      return this.#escrows.free(job);
    } finally {
      release();
    }
  }

  /** Gives back what no task of the job needs; @returns how much that was, in nAIS. */
  async giveBack(job: LiveJob): Promise<bigint> {
    const amount = this.#escrows.takeFree(job);
    if (amount === 0n) return amount;
    const release = this.#board.hold(job);
    try {
      await this.#ledger.release(job.key, amount);
      return amount;
    } finally {
      release();
    }
  }
}
