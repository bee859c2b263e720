import { EventEmitter, once } from "node:events";
import type { Signer } from "@aegis-pool/core";
import type { PoolClient } from "../pool-client/pool-client.js";
import { savedContext } from "./job-context.js";
import { noSuchTask } from "./job-ends.js";
import { Job } from "./job.js";
import { openDispute } from "./open-dispute.js";
import type { CheckVerdict } from "./replicas.js";
import type { TaskResult } from "./results.js";
import type { SavedJob } from "./saved-job.js";

/** What came of a dispute. */
export interface DisputeOutcome {
  /** `contradicted`: the agent had sent another result than it had committed to; `unchecked`: it was given up, and can be opened again. */
  readonly verdict: CheckVerdict | "contradicted";
  /** Where the result is wrong: the right one. */
  readonly corrected: TaskResult<unknown> | undefined;
}

/** Verdicts with which a dispute does not end. */
const standing: ReadonlySet<CheckVerdict> = new Set(["held", "final"]);

/**
 * Disputes a result of a job that was submitted before, and answers for the job until others have run the task.
 * @throws {AegisError} `bad-argument`, `dispute-refused`, `not-found`
 */
export async function disputeResult(
  parties: { readonly client: PoolClient; readonly payer: Signer | undefined },
  saved: SavedJob,
  index: number,
): Promise<DisputeOutcome> {
  const task = saved.tasks.find((one) => one.index === index && one.of === undefined);
  if (!task) throw noSuchTask(index, saved.tasks.filter(({ of }) => of === undefined).length);
  let corrected: TaskResult<unknown> | undefined;
  let isOpen = false;
  const events = new EventEmitter<{ verdict: [CheckVerdict] }>();
  const verdict = once(events, "verdict").then(([told]) => told as CheckVerdict);
  const listener = {
    onCorrected: (result: TaskResult<unknown>) => (corrected = result),
    onChecked: (check: { readonly index: number; readonly verdict: CheckVerdict }) => {
      if (isOpen && check.index === index && !standing.has(check.verdict)) events.emit("verdict", check.verdict);
    },
  };
  const job = await Job.resume(parties, saved, listener, { staysOpen: true });
  try {
    for await (const result of job) if (result.index === index) break; // what was known of it before is told with it
    const answer = await openDispute(parties.client, savedContext(parties.client, saved), task.number);
    isOpen = answer === "open";
    return { verdict: answer === "open" ? await verdict : answer, corrected };
  } finally {
    job.cancel();
  }
}
