import { AegisError } from "@aegis-pool/core";

/** Why a job's remaining tasks end: somebody wanted it so. */
export function wasCancelled(): AegisError {
  return new AegisError({
    code: "cancelled",
    message: "The job was cancelled.",
    next: "Results that came before are good; submit the rest as a new job.",
  });
}

/** The same: its time is over. */
export function deadlinePassed(deadlineMs: number): AegisError {
  return new AegisError({
    code: "deadline-passed",
    message: `The job's deadline of ${deadlineMs} ms passed before all its tasks were done.`,
    next: "Give it more time, or raise the top price so that it is placed earlier.",
  });
}

export function noSuchTask(index: number, total: number): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `The job has no task ${index}; it has ${total}, counted from 0.`,
    next: "Name one of them.",
  });
}
