import type { GivenRun } from "./attestations.js";
import type { Lease, TaskKeys, TaskManifest, ToPool } from "@aegis-pool/core";

/** A task this agent has accepted, from the offer until the pool has settled its result. */
export interface HeldTask extends Lease {
  /** Known once the pool has sent the task. */
  manifest: TaskManifest | undefined;
  /** SHA-256 of the signed manifest's body. */
  manifestHash: Uint8Array | undefined;
  /** The sealed input, where it came with the task. */
  input: Uint8Array | undefined;
  /** Known once the requester has released them. */
  keys: TaskKeys | undefined;
  /** Whether it is in a sandbox now, or its result is on its way. */
  begun: boolean;
  /** What it was given, where its result is to be signed for contracts, while it runs. */
  given: GivenRun | undefined;
  /** The result, kept until the pool has answered it. */
  result: ToPool | undefined;
}

/** The tasks an agent holds. */
export class HeldTasks {
  readonly #tasks = new Map<number, HeldTask>();

  get size(): number {
    return this.#tasks.size;
  }

  add({ number, fence }: Lease): HeldTask {
    const task: HeldTask = {
      number,
      fence,
      manifest: undefined,
      manifestHash: undefined,
      input: undefined,
      keys: undefined,
      begun: false,
      given: undefined,
      result: undefined,
    };
    this.#tasks.set(number, task);
    return task;
  }

  /** The task under exactly this lease; a message about another lease of the same task is not about it. */
  find({ number, fence }: Lease): HeldTask | undefined {
    const task = this.#tasks.get(number);
    return task?.fence === fence ? task : undefined;
  }

  drop({ number, fence }: Lease): void {
    if (this.#tasks.get(number)?.fence === fence) this.#tasks.delete(number);
  }

  /** Those with their keys: what the agent goes on with after a lost connection. */
  keyed(): HeldTask[] {
    return [...this.#tasks.values()].filter((task) => task.keys);
  }

  all(): HeldTask[] {
    return [...this.#tasks.values()];
  }
}
