/** Entry of a process that takes one file through one pass and says how long it took and how much memory. */
import { passes, type PassName } from "./passes.js";

/** What the process answers. */
export interface PassResult {
  readonly ms: number;
  /** Resident memory above what the process had before, in bytes: the larger of what was sampled and what the system saw. */
  readonly peakBytes: number;
}

const sampleMs = 20;
const [, , name, from = "", to = ""] = process.argv;

const idleBytes = process.memoryUsage.rss();
let sampledBytes = idleBytes;
const sampling = setInterval(() => {
  sampledBytes = Math.max(sampledBytes, process.memoryUsage.rss());
}, sampleMs);
const started = performance.now();
await passes[name as PassName](from, to);
const ms = performance.now() - started;
clearInterval(sampling);
const peakBytes = Math.max(sampledBytes, process.resourceUsage().maxRSS * 1_024) - idleBytes;
process.stdout.write(JSON.stringify({ ms, peakBytes } satisfies PassResult));
