import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { FoldResult, Kind } from "./fold.js";

/** One fold to be measured by a thread: plain values. */
export interface FoldJob {
  readonly text: string;
  /** Index in `settings`. */
  readonly dataset: number;
  /** Which division into folds. */
  readonly repetition: number;
  /** 0 to 4. */
  readonly fold: number;
  readonly kinds: readonly Kind[];
  readonly seed: number;
}

/**
 * Measures `jobs`, as many at a time as there are processors; `onResult` is told of each that has ended. Results are in
 * the order of `jobs`.
 */
export async function measureFolds(
  jobs: readonly FoldJob[],
  onResult: (job: FoldJob, result: FoldResult) => void,
): Promise<FoldResult[]> {
  const results: FoldResult[] = [];
  const waiting = [...jobs.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, job] = next;
      results[at] = await inThread(job);
      onResult(job, results[at]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

function inThread(job: FoldJob): Promise<FoldResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./fold-worker.js", import.meta.url), { workerData: job });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a fold's thread ended with code ${code}`)));
  });
}
