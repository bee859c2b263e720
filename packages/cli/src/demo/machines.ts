import { availableParallelism, totalmem } from "node:os";

/** What one of the demo's agents lends. */
export interface DemoMachine {
  readonly name: string;
  readonly share: string;
}

const perSlotMiB = 1_024;

/** Three unequal shares that together leave some of this machine to the pool and to you. */
export function demoMachines(cores = availableParallelism(), memoryBytes = totalmem()): DemoMachine[] {
  const names = ["workstation", "desktop", "laptop"];
  const percents = [48, 24, 12];
  return names.map((name, index) => {
    const percent = percents[index] ?? 12;
    const slots = Math.max(1, Math.floor((cores * percent) / 100));
    const memoryMiB = Math.min(slots * perSlotMiB, Math.floor((memoryBytes * percent) / 100 / 1024 ** 2));
    return { name, share: `cpu=${percent}%,memory=${Math.max(memoryMiB, 800 * slots)}MiB` };
  });
}
