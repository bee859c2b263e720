import { Recent } from "./recent.js";

/**
 * Work that may wait at an agent in front of each of its slots, in ms: enough to hide the exchange of keys, too little to
 * hold back others. Tasks that take longer are never held in advance, nor does anything wait behind one.
 */
export const aheadMs = 150;

/** Runs of each job that are remembered. */
const kept = 15;

/** Which jobs' tasks are short, by what those that have run say; a job of which nothing has run is not. */
export class ShortJobs {
  readonly #runs = new Recent(kept);

  /** A task of the job ran so many ms. @returns whether the job's tasks now count otherwise than before */
  observe(job: string, ranMs: number): boolean {
    const before = this.has(job);
    this.#runs.add(job, ranMs);
    return this.has(job) !== before;
  }

  has(job: string): boolean {
    return (this.#runs.median(job) ?? Infinity) <= aheadMs;
  }
}
