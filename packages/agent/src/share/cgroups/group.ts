import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hierarchy } from "./hierarchy.js";
import { removeGroup } from "./leftovers.js";

/** The period in which a quota is counted, in µs: the kernel's own default. */
const periodUs = 100_000;

/** A group of the kernel's for one process, which holds it to a part of the processor and to an amount of memory. */
export class Group {
  readonly #version: Hierarchy["version"];
  readonly #cpu: string;
  readonly #memory: string;

  /** Makes the group `name`. @throws where the system does not let us */
  constructor({ version, cpu, memory }: Hierarchy, name: string) {
    this.#version = version;
    this.#cpu = join(cpu, name);
    this.#memory = join(memory, name);
    for (const folder of this.#folders) mkdirSync(folder);
  }

  /** Holds a process, all its threads and its children to `percent` of one core. @throws where the system does not let us */
  hold(pid: number, percent: number): void {
    const quotaUs = Math.round((percent / 100) * periodUs);
    if (this.#version === 2) write(this.#cpu, "cpu.max", `${quotaUs} ${periodUs}`);
    else {
      write(this.#cpu, "cpu.cfs_period_us", String(periodUs));
      write(this.#cpu, "cpu.cfs_quota_us", String(quotaUs));
    }
    // What was not used in one period may be in the next: several threads that start or collect garbage at the same time
    // would else wait for most of a period. Kernels before 5.14 have no such file.
    const burst = this.#version === 2 ? "cpu.max.burst" : "cpu.cfs_burst_us";
    if (existsSync(join(this.#cpu, burst))) write(this.#cpu, burst, String(quotaUs));
    for (const folder of this.#folders) write(folder, "cgroup.procs", String(pid));
  }

  /** Allows `bytes` more than what is used now; over that the kernel ends the process. Nothing is swapped out for it. */
  limitMemory(bytes: number): void {
    const [used, limit, swap] =
      this.#version === 2
        ? (["memory.current", "memory.max", "memory.swap.max"] as const)
        : (["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"] as const);
    const most = Math.ceil(Number(read(this.#memory, used)) + bytes);
    write(this.#memory, limit, String(most));
    // In version 1 this counts memory and swap together, in version 2 swap alone; absent where swap is not counted.
    if (existsSync(join(this.#memory, swap))) write(this.#memory, swap, this.#version === 2 ? "0" : String(most));
  }

  /** Whether the kernel has ended the process because it went over its memory. */
  get ranOutOfMemory(): boolean {
    try {
      const counts = read(this.#memory, this.#version === 2 ? "memory.events" : "memory.oom_control");
      return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0) > 0;
    } catch {
      return false;
    }
  }

  /** Takes the group away, once its process has ended. */
  async remove(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => removeGroup(folder)));
  }

  get #folders(): string[] {
    return [...new Set([this.#cpu, this.#memory])];
  }
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), "latin1");
}

function write(folder: string, file: string, value: string): void {
  writeFileSync(join(folder, file), value);
}
