import { worstCharge } from "@aegis-pool/core";
import type { LiveJob, LiveTask } from "./live.js";

interface Held {
  /** nAIS in the job's escrow, less what tasks that have ended have cost. */
  balance: bigint;
  /** What the job's tasks that have not ended may still cost. */
  committed: bigint;
}

/**
 * What each job on the board has set aside, and how much of it its tasks may still need: a task is queued only where its
 * worst charge is covered, and only what is not needed goes back. In memory at once; the books follow.
 */
export class Escrows {
  readonly #held = new WeakMap<LiveJob, Held>();

  /** The job comes onto the board with `balance` in its escrow. */
  remember(job: LiveJob, balance: bigint): void {
    this.#held.set(job, { balance, committed: 0n });
  }

  /** More was reserved, durably. */
  reserved(job: LiveJob, amount: bigint): void {
    this.#of(job).balance += amount;
  }

  /** nAIS that no task needs. */
  free(job: LiveJob): bigint {
    const { balance, committed } = this.#of(job);
    return balance > committed ? balance - committed : 0n;
  }

  /** Sets `amount` aside for tasks, or answers false where it is not there. */
  commit(job: LiveJob, amount: bigint): boolean {
    if (amount > this.free(job)) return false;
    this.#of(job).committed += amount;
    return true;
  }

  /** A task from before a restart of the pool: what it may cost was covered when it was submitted. */
  restore(task: LiveTask): void {
    this.#of(task.job).committed += worstChargeOf(task);
  }

  /** Tasks were not queued after all. */
  uncommit(job: LiveJob, amount: bigint): void {
    this.#of(job).committed -= amount;
  }

  /** A task has ended and cost `charge`. */
  settled(task: LiveTask, charge: bigint): void {
    const held = this.#of(task.job);
    held.committed -= worstChargeOf(task);
    held.balance -= charge;
  }

  /** Takes what no task needs, to be given back. */
  takeFree(job: LiveJob): bigint {
    const free = this.free(job);
    this.#of(job).balance -= free;
    return free;
  }

  #of(job: LiveJob): Held {
    const held = this.#held.get(job) ?? { balance: 0n, committed: 0n };
    this.#held.set(job, held);
    return held;
  }
}

function worstChargeOf({ maxWork, group: { requirements, terms } }: LiveTask): bigint {
  return worstCharge({ requirements, maxWork, maxPrice: BigInt(terms.maxPrice) });
}
