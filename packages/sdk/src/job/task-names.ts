import { toHex } from "@aegis-pool/core";
import type { SavedJob } from "./saved-job.js";
import type { SealedTask } from "./seal-task.js";

/** What a job knows of one of its tasks. */
export interface TaskName {
  /** Which input it is. */
  readonly index: number;
  readonly number: number;
  /** To which its key's release is bound. */
  readonly manifestHash: Uint8Array;
  /** The number that its keys come from: that of the task's first run. */
  readonly keysOf: number;
  /** SHA-256 of its input's tagged bytes, where certificates are asked for. */
  readonly plainHash: Uint8Array | undefined;
  /** Whether it checks another, whose result is the one that was asked for. */
  readonly isReplica: boolean;
}

type Sealed = Pick<SealedTask, "number" | "manifestHash"> & Partial<Pick<SealedTask, "plainHash">>;

/** A job's tasks by the numbers under which others know them. */
export class TaskNames {
  readonly #names = new Map<number, TaskName>();

  static from(saved: SavedJob): TaskNames {
    const names = new TaskNames();
    for (const { index, number, manifestHash, of = number, input } of saved.tasks) {
      const plainHash = input === undefined ? undefined : Buffer.from(input, "hex");
      names.#add({ number, manifestHash: Buffer.from(manifestHash, "hex"), plainHash }, index, of);
    }
    return names;
  }

  add(tasks: readonly (Sealed & { readonly index: number })[]): void {
    for (const task of tasks) this.#add(task, task.index, task.number);
  }

  /** Another run of a task that is here, which checks it. */
  addReplica(replica: Sealed, { index, number }: TaskName): void {
    this.#add(replica, index, number);
  }

  find(number: number): TaskName | undefined {
    return this.#names.get(number);
  }

  /** The tasks whose results were asked for. */
  *first(): Generator<TaskName> {
    for (const name of this.#names.values()) if (!name.isReplica) yield name;
  }

  toSaved(): SavedJob["tasks"] {
    return Array.from(this.#names.values(), ({ index, number, manifestHash, keysOf, isReplica, plainHash }) => ({
      index,
      number,
      manifestHash: toHex(manifestHash),
      ...(isReplica && { of: keysOf }),
      ...(plainHash && { input: toHex(plainHash) }),
    }));
  }

  #add({ number, manifestHash, plainHash }: Sealed, index: number, keysOf: number): void {
    this.#names.set(number, { index, number, manifestHash, keysOf, plainHash, isReplica: keysOf !== number });
  }
}
