import { type SettlementVerdict } from "@aegis-pool/core";
import type { GroupCommit, WriteKind } from "../group-commit.js";
import type { PoolRun } from "./open-check.js";
import type { Indebted, Settlement } from "./settlements.js";

/** A result that nobody has looked at for so long is taken, in ms: whoever wants it checked is here by then. */
const mostHeldMs = 24 * 3_600_000;
/** Results that are taken, or checked after all, at a time. */
const agedAtATime = 1_000;

/** How results are settled, and what operators owe for those that were paid. */
export interface HeldWrites {
  readonly settle: WriteKind<Settlement, boolean>;
  readonly indebt: WriteKind<Indebted, true>;
}

interface Held {
  readonly run: PoolRun;
  /** ms since 1970. */
  readonly heldAt: number;
}

/** Results that are paid when they are final. */
export class HeldResults {
  readonly #commit: Pick<GroupCommit, "submit">;
  readonly #writes: HeldWrites;
  readonly #now: () => number;
  /** By number, the oldest first. */
  readonly #held = new Map<number, Held>();
  /** Results of agents that were wrong since, by job: to be checked when their requester is here again. */
  readonly #suspects = new Map<string, Set<PoolRun>>();

  constructor(commit: Pick<GroupCommit, "submit">, writes: HeldWrites, now: () => number) {
    this.#commit = commit;
    this.#writes = writes;
    this.#now = now;
  }

  /** Results that are not final. */
  get size(): number {
    return this.#held.size;
  }

  has({ number }: Pick<PoolRun, "number">): boolean {
    return this.#held.has(number);
  }

  /** The run of this number, where its result is held. */
  find(number: number): PoolRun | undefined {
    return this.#held.get(number)?.run;
  }

  /** A result that has been paid for is wrong: its operator owes what it has cost. */
  async indebt({ number }: PoolRun, costs: readonly number[]): Promise<void> {
    await this.#commit.submit(this.#writes.indebt, { number, costs }).catch(() => undefined); // a failed commit stops the pool
  }

  add(run: PoolRun, heldAt = this.#now()): void {
    if (run.isHeld) this.#held.set(run.number, { run, heldAt });
  }

  /** It is to be checked, and its requester is not here. */
  suspect(run: PoolRun): void {
    this.#suspects.set(run.job, (this.#suspects.get(run.job) ?? new Set()).add(run));
  }

  /** What is to be checked of a job whose requester is here again. */
  suspectsOf(job: string): PoolRun[] {
    const suspects = [...(this.#suspects.get(job) ?? [])];
    this.#suspects.delete(job);
    return suspects;
  }

  /** What is held for a result goes where the verdict says; resolves when that is durable. One that is not held stays as it is. */
  async settle(
    run: PoolRun,
    verdict: SettlementVerdict,
    why: Omit<Settlement, "number" | "verdict"> = {},
  ): Promise<void> {
    if (!this.#held.delete(run.number)) return;
    this.#suspects.get(run.job)?.delete(run);
    await this.#commit.submit(this.#writes.settle, { number: run.number, verdict, ...why }).catch(() => undefined); // as above
  }

  /** Results that have been held for as long as any is, some at a time. */
  aged(): PoolRun[] {
    const before = this.#now() - mostHeldMs;
    const aged: PoolRun[] = [];
    for (const { run, heldAt } of this.#held.values()) {
      if (heldAt > before || aged.length === agedAtATime) break;
      aged.push(run);
    }
    return aged;
  }
}
