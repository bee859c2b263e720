import { AegisError } from "@aegis-pool/core";

/** Why a dispute is not taken; nothing follows from it. */
export const disputeRefusals = {
  late: "its result is older than three days",
  twice: "it has been disputed before",
  again: "it is being looked at now",
  settled: "its result was found wrong, and nothing was paid for it",
  uncommitted: "its agent has committed to nothing: only results of tasks that others may check can be disputed",
  "other-key": "the key that is shown is not the one that the task's manifest commits to",
  paid: "it was paid for already, and a product that is paid for stays so",
  "too-large": "its result or its input is too large for the pool to look at",
  "no-result": "its sealed result or input is not here any more",
  alone: "its requester is not connected, and has to make the replicas that others run",
} as const;

export function refused(number: number, why: keyof typeof disputeRefusals): AegisError {
  return new AegisError({
    code: "dispute-refused",
    message: `Task ${number} cannot be disputed: ${disputeRefusals[why]}.`,
    next: "See docs/errors/dispute-refused.md; nothing was charged.",
  });
}

export const noSuchTask = (number: number) =>
  new AegisError({
    code: "not-found",
    message: `This job has no task ${number} whose result is here.`,
    next: "Name the task by the number of its first run, and the job that it belongs to.",
  });
