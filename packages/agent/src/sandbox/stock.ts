import { startProcess, type SandboxProcess } from "./process.js";
import type { Command } from "./walls/wall.js";

/** Warm processes, ready before a job asks. One goes to one job and is never given back. */
export class Stock {
  readonly #command: Command;
  readonly #size: number;
  readonly #born: (process: SandboxProcess) => void;
  readonly #warm = new Set<Promise<SandboxProcess>>();
  #closed = false;

  /**
   * `size` processes are kept warm, from now on or once the first was taken; 0 starts each when it is asked for. `born` is told of each
   * that has started.
   */
  constructor(
    command: Command,
    size: number,
    {
      born = () => {},
      warmFrom = "now",
    }: { born?: (process: SandboxProcess) => void; warmFrom?: "now" | "first" } = {},
  ) {
    this.#command = command;
    this.#size = size;
    this.#born = born;
    if (warmFrom === "now") this.#refill();
  }

  /** A process that no job has had. */
  async take(): Promise<SandboxProcess> {
    for (const warm of this.#warm) {
      this.#warm.delete(warm);
      this.#refill();
      const process = await warm.catch(() => undefined);
      if (process !== undefined && !process.hasEnded) return process;
    }
    this.#refill();
    return this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const started = await Promise.allSettled(this.#warm);
    for (const result of started) if (result.status === "fulfilled") result.value.kill();
    this.#warm.clear();
  }

  #refill(): void {
    while (!this.#closed && this.#warm.size < this.#size) {
      const starting = this.#start();
      // Looked at when it is taken; until then a failure must not count as unhandled.
      starting.catch(() => {});
      this.#warm.add(starting);
    }
  }

  async #start(): Promise<SandboxProcess> {
    const process = await startProcess(this.#command);
    this.#born(process);
    return process;
  }
}
