import { join } from "node:path";
import { formatAis } from "@aegis-pool/core";
import type { Job, JobProgress, TaskResult } from "@aegis-pool/sdk";
import { formatDuration } from "../durations.js";
import { exitCodeOf, exitCodes } from "../exit-codes.js";
import type { Output } from "../terminal/output.js";
import type { Progress } from "../terminal/progress.js";
import { writeReceipt } from "./receipt-file.js";

/** Takes each result of a job as it comes. */
export type ResultSink = (result: TaskResult<unknown>) => Promise<void> | void;

/** What became of a job. */
export interface JobSummary {
  readonly tasks: number;
  readonly failed: number;
  /** nAIS. */
  readonly spent: bigint;
  readonly exitCode: number;
}

/** One line about a job under way. */
export function describeProgress({ failed, spent, agents, counts, remainingMs }: JobProgress): string {
  const running = counts ? `${counts.running} running, ` : "";
  const left = remainingMs === undefined ? "" : `about ${formatDuration(remainingMs)} left, `;
  return `${left}${running}${agents} agents, ${formatAis(spent)}${failed ? `, ${failed} failed` : ""}`;
}

/**
 * Shows a job's progress and hands its results on until it ends. Ctrl-C cancels the job; results that came are kept.
 */
export async function followJob(
  job: Job<unknown>,
  parts: { output: Output; progress: Progress; sink: ResultSink; receipts?: string | undefined; pool: string },
): Promise<JobSummary> {
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true;
    job.cancel();
  };
  process.once("SIGINT", onInterrupt);
  let worst: number = exitCodes.ok;
  for await (const result of job) {
    const { total, finished } = job.progress;
    parts.progress.update(finished, total, describeProgress(job.progress));
    if (!result.ok) worst = Math.max(worst, exitCodeOf(result.error));
    if (result.receipt && parts.receipts) {
      await writeReceipt(join(parts.receipts, `${result.index}.json`), result.receipt, parts.pool);
    }
    await parts.sink(result);
  }
  parts.progress.end();
  process.off("SIGINT", onInterrupt);
  const { total, failed, spent } = job.progress;
  return { tasks: total, failed, spent, exitCode: interrupted ? exitCodes.interrupted : worst };
}
