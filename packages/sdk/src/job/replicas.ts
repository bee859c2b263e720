import { isReplicated, type Signed } from "@aegis-pool/core";
import type { CheckedMessage } from "./releaser.js";
import { type JobContext, sealReplica, type SealedTask } from "./seal-task.js";

/** How long a check may wait for a machine, in ms. */
const placingMs = 30_000;

/** How a task that was checked turned out. */
export type CheckVerdict = CheckedMessage["verdict"];

/** What a job's replicas are made of, and whom they tell. */
export interface ReplicaParts {
  readonly context: JobContext;
  /** A replica is about to be sent, and remembered before this resolves; false: nothing is set aside for it. */
  onSealed(replica: Pick<SealedTask, "number" | "manifestHash">, of: number): Promise<boolean>;
  /** Nothing is being checked any more. */
  onIdle(): void;
}

/** Tasks that are run again, by others, to check what came of them. */
export class Replicas {
  readonly #parts: ReplicaParts;
  /** Manifests of tasks that may still be checked. */
  readonly #manifests = new Map<number, Signed>();
  /** Tasks that are being checked, by the number of their first run. */
  readonly #open = new Set<number>();
  #patience: NodeJS.Timeout | undefined;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
  }

  /** Whether something is being checked, for which the pool needs this process. */
  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Tasks are about to be submitted. */
  remember(tasks: readonly SealedTask[]): void {
    if (!isReplicated(this.#parts.context.terms.requirements)) return;
    for (const { number, manifest } of tasks) this.#manifests.set(number, manifest);
  }

  /** The result of a task is here: the pool would have asked by now. */
  ended(number: number): void {
    if (!this.#open.has(number)) this.#manifests.delete(number);
  }

  /** The task under another number; undefined where this process has not submitted it, or nothing is set aside. */
  async replicate(of: number): Promise<Signed | undefined> {
    const first = this.#manifests.get(of);
    if (!first) return undefined;
    this.#open.add(of);
    const { manifest, ...replica } = sealReplica(first, this.#parts.context);
    if (await this.#parts.onSealed(replica, of)) return manifest;
    this.checked(of);
    return undefined;
  }

  /** The check of a task is over. */
  checked(number: number): void {
    this.#manifests.delete(number);
    if (!this.#open.delete(number) || this.areOpen) return;
    clearTimeout(this.#patience);
    this.#parts.onIdle();
  }

  /** All results are here: checks that are under way have as long as a task may run, and a while to be placed. */
  waitAtMost(taskMs: number): void {
    this.#patience ??= setTimeout(() => this.lost(), taskMs + placingMs);
  }

  /** Nothing will be heard of what was being checked. */
  lost(): void {
    clearTimeout(this.#patience);
    for (const number of this.#open) this.checked(number);
  }
}
