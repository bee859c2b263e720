import { equalBytes, type Signed } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CheckedMessage, Replicate } from "./releaser.js";
import { type JobContext, sealReplica, type SealedTask } from "./seal-task.js";
import type { TaskName } from "./task-names.js";

/** How long a check may wait for a machine, in ms. */
const placingMs = 30_000;

/** How a task that was checked turned out. */
export type CheckVerdict = CheckedMessage["verdict"];

/** What a job's replicas are made of, and whom they tell. */
export interface ReplicaParts {
  readonly context: JobContext;
  /** What the job knows of one of its tasks. */
  find(number: number): TaskName | undefined;
  /** A replica is about to be sent, and remembered before this resolves; false: nothing is set aside for it. */
  onSealed(replica: Pick<SealedTask, "number" | "manifestHash">, of: TaskName): Promise<boolean>;
  /** Nothing is being checked any more. */
  onIdle(): void;
}

/** Tasks that are run again, by others, to check what came of them, or to teach novices. */
export class Replicas {
  readonly #parts: ReplicaParts;
  /** Tasks that are run again now, by the number of their first run. */
  readonly #open = { check: new Set<number>(), lesson: new Set<number>() };
  #patience: NodeJS.Timeout | undefined;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
  }

  /** Whether something is being run again, for which the pool needs this process. */
  get areOpen(): boolean {
    return this.#open.check.size + this.#open.lesson.size > 0;
  }

  /** The result of one of the job's tasks is being checked. */
  checking(number: number): void {
    if (this.#parts.find(number)?.isReplica === false) this.#open.check.add(number);
  }

  /** The task under another number; undefined where it is none of the job's, or nothing is set aside. */
  async replicate({ of, manifest: first, lesson }: Replicate): Promise<Signed | undefined> {
    const name = this.#parts.find(of);
    if (!name || name.isReplica || !equalBytes(primitives.sha256(first.body), name.manifestHash)) return undefined;
    if (lesson) this.#open.lesson.add(of);
    const { manifest, ...replica } = sealReplica(first, this.#parts.context);
    if (await this.#parts.onSealed(replica, name)) return manifest;
    if (lesson) this.taught(of); // of a check that ends by this the pool tells
    return undefined;
  }

  /** The check of a task is over. */
  checked(number: number): void {
    this.#end("check", number);
  }

  /** A lesson is over. */
  taught(number: number): void {
    this.#end("lesson", number);
  }

  /** All results are here: checks that are under way have as long as a task may run, and a while to be placed. */
  waitAtMost(taskMs: number): void {
    this.#patience ??= setTimeout(() => this.lost(), taskMs + placingMs);
  }

  /** Nothing will be heard of what was being checked. */
  lost(): void {
    clearTimeout(this.#patience);
    if (!this.areOpen) return;
    this.#open.check.clear();
    this.#open.lesson.clear();
    this.#parts.onIdle();
  }

  #end(purpose: "check" | "lesson", number: number): void {
    if (!this.#open[purpose].delete(number) || this.areOpen) return;
    clearTimeout(this.#patience);
    this.#parts.onIdle();
  }
}
