import { startProcess, type SandboxProcess } from "./process.js";
import type { Command } from "./walls/wall.js";

/** Warm processes, ready before a job asks. One goes to one job and is never given back. */
export class Stock {
  readonly #command: Command;
  readonly #size: number;
  readonly #warm = new Set<Promise<SandboxProcess>>();
  #closed = false;

  /** `size` processes are kept warm; 0 starts each when it is asked for. */
  constructor(command: Command, size: number) {
    this.#command = command;
    this.#size = size;
    this.#refill();
  }

  /** A process that no job has had. */
  async take(): Promise<SandboxProcess> {
    for (const warm of this.#warm) {
      this.#warm.delete(warm);
      this.#refill();
      const process = await warm.catch(() => undefined);
      if (process !== undefined && !process.hasEnded) return process;
    }
    return startProcess(this.#command);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const started = await Promise.allSettled(this.#warm);
    for (const result of started) if (result.status === "fulfilled") result.value.kill();
    this.#warm.clear();
  }

  #refill(): void {
    while (!this.#closed && this.#warm.size < this.#size) {
      const starting = startProcess(this.#command);
      // Looked at when it is taken; until then a failure must not count as unhandled.
      starting.catch(() => {});
      this.#warm.add(starting);
    }
  }
}
