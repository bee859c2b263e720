import { randomBytes } from "node:crypto";
import { AegisError, formatAis, type Signer } from "@aegis-pool/core";
import { Account } from "../account.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { patiently } from "../pool-client/patiently.js";

/** How often an account is asked whose balance changes at the same time. */
const mostAttempts = 5;

/** Tasks for which is set aside beyond those at hand; what they do not need goes back when the job ends. */
const spareTasks = 15;

/** What a job's account has set aside at the pool for its tasks; the pool queues none that is not covered. */
export class JobEscrow {
  readonly #client: PoolClient;
  readonly #job: Signer;
  readonly #payer: Signer | undefined;
  readonly #worst: bigint;
  /** nAIS that no task needs. */
  #free = 0n;

  /** @param worst what one task may cost at most, in nAIS */
  constructor(client: PoolClient, parties: { job: Signer; payer: Signer | undefined }, worst: bigint) {
    this.#client = client;
    this.#job = parties.job;
    this.#payer = parties.payer;
    this.#worst = worst;
  }

  /**
   * Sets aside what `count` tasks may cost at most, or as many as the account can pay; what is free already is used first.
   * @returns how many are covered
   * @throws {AegisError} `insufficient-funds` where that is none
   */
  async cover(count: number, attempts = mostAttempts): Promise<number> {
    const needed = this.#worst * BigInt(count) - this.#free;
    if (needed > 0n) {
      if (!this.#payer) throw noAccount(needed);
      // with some to spare, where there is some: a job whose tasks come one by one does not ask before each
      const spare = attempts === mostAttempts ? this.#worst * BigInt(spareTasks) : 0n;
      const refusal = await this.#reserve(this.#payer, needed + spare);
      if (refusal) return this.#coverWithin(this.#payer, { count, attempts, refusal });
    }
    this.#free -= this.#worst * BigInt(count);
    return count;
  }

  /** Covered tasks were not queued, or have ended, and `charge` nAIS of what they might have cost were spent. */
  settled(tasks: number, charge: bigint): void {
    this.#free += this.#worst * BigInt(tasks) - charge;
  }

  /** Asks for what no task needs, now that the job is over. What cannot be asked for stays until the job is cancelled. */
  async giveBack(): Promise<void> {
    if (this.#worst > 0n) await this.#client.releaseFunds(this.#job).catch(() => undefined);
  }

  /** As many as there is money for now; tasks may have ended, and other jobs of the account have taken some, since it was asked. */
  async #coverWithin(
    payer: Signer,
    { count, attempts, refusal }: { count: number; attempts: number; refusal: AegisError },
  ): Promise<number> {
    const balance = await new Account(this.#client, payer).balance();
    const possible = (balance + this.#free) / this.#worst;
    if (possible === 0n || attempts === 1) throw refusal;
    return this.cover(possible < BigInt(count) ? Number(possible) : count, attempts - 1);
  }

  /** @returns why it is refused for want of money */
  async #reserve(payer: Signer, amount: bigint): Promise<AegisError | undefined> {
    const once = randomBytes(16);
    try {
      await patiently(() => this.#client.reserve(this.#job, payer, { amount, once }));
      this.#free += amount;
      return undefined;
    } catch (error) {
      if (error instanceof AegisError && error.code === "insufficient-funds") return error;
      throw error;
    }
  }
}

function noAccount(needed: bigint): AegisError {
  return new AegisError({
    code: "insufficient-funds",
    message: `The job needs ${formatAis(needed)} set aside, and no account pays for it.`,
    next: "Connect with an account: Pool.connect(url, { account: await openAccountKey() }); `aegis account fund` fills it.",
  });
}
