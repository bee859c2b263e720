import { readMemory } from "./memory.js";
import type { SandboxProcess } from "./process.js";

/** What sandboxes use of the machine. */
export interface SandboxUse {
  /** Processes that are there now, warm ones among them. */
  readonly processes: number;
  /** CPU time of all there ever were, in ms: never less than before. */
  readonly cpuMs: number;
  /** Resident memory of those that are there. */
  readonly residentBytes: number;
}

/** Adds up what all sandbox processes of an agent have used, also those that have ended. */
export class UseLedger {
  readonly #alive = new Set<SandboxProcess>();
  #endedCpuMs = 0;

  readonly add = (process: SandboxProcess): void => void this.#alive.add(process);

  read(): SandboxUse {
    let cpuMs = 0;
    let residentBytes = 0;
    for (const process of this.#alive) {
      if (process.hasEnded) this.#retire(process);
      else {
        cpuMs += process.cpuMs();
        residentBytes += readMemory(process.pid)?.residentBytes ?? process.reportedResidentBytes;
      }
    }
    return { processes: this.#alive.size, cpuMs: cpuMs + this.#endedCpuMs, residentBytes };
  }

  #retire(process: SandboxProcess): void {
    this.#alive.delete(process);
    this.#endedCpuMs += process.cpuMs();
  }
}
