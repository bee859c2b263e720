import { join } from "node:path";
import { formatAis } from "@aegis-pool/core";
import type { Job, JobListener, JobProgress, TaskResult } from "@aegis-pool/sdk";
import { formatEstimate } from "../durations.js";
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
export function describeProgress(progress: JobProgress): string {
  const { failed, spent, agents, counts, remainingMs, taskMs } = progress;
  const left = remainingMs === undefined ? "" : `about ${formatEstimate(remainingMs)} left, `;
  const each = taskMs === undefined ? "" : ` of about ${formatEstimate(taskMs)}`;
  const running = counts ? `${counts.running} running${counts.running > 0 ? each : ""}, ` : "";
  return `${left}${running}${agents} agents, ${formatAis(spent)}${failed ? `, ${failed} failed` : ""}`;
}

/** Draws a job's progress whenever the pool tells of it or a result comes. */
export function drawnOn(progress: Progress): Pick<JobListener, "onProgress"> {
  return { onProgress: (now) => progress.update(now.finished, now.total, describeProgress(now)) };
}

/**
 * Hands a job's results on until it ends. Ctrl-C cancels the job; results that came are kept.
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
