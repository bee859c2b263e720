import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Took } from "./in-child.js";

/** Does `work`, and prints what it took of this process. */
export async function sayWhatItTook(work: () => Promise<unknown>): Promise<void> {
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const memoryMiB = process.resourceUsage().maxRSS / 1_024;
  const took: Took = { ms, memoryMiB, stallMs: stalls.max / 1e6 };
  console.log(JSON.stringify(took));
}
