import { AegisError } from "@aegis-pool/core";

/** The pool has done in a run what an honest one does not. @param what "shows two rosters for one draw" */
export function refused(what: string): AegisError {
  return new AegisError({
    code: "federated-refused",
    message: `The pool ${what}.`,
    next: "Nothing more was sent. Keep the files of your part in this run, and tell its owner and the other participants.",
  });
}

/** The run cannot go on, for which nobody need be to blame. @param why a whole sentence */
export function failed(why: string): AegisError {
  return new AegisError({
    code: "federated-failed",
    message: why,
    next: "Ask the run's owner. Think before you join another run with the same data and plan: without noise, two sums with and without somebody tell what that one adds.",
  });
}

/** The signal was given. */
export function stopped(): AegisError {
  return new AegisError({
    code: "cancelled",
    message: "Taking part in the run was stopped, as was asked.",
    next: "Join again with the same invitation to go on.",
  });
}

/** A file of a run that cannot be read. @param why "it is no regular file" */
export function unreadable(path: string, what: string, why: string): AegisError {
  return new AegisError({
    code: "key-unreadable",
    message: `${path} is no ${what} of this version: ${why}.`,
    next: "Ask whoever gave it to you for another, or restore it from your backup.",
  });
}

/** Whether what is sent comes in time: a pool that has gone on answers `out-of-turn`, or that it does not know what it is for. */
export async function inTime(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof AegisError && (error.code === "out-of-turn" || error.code === "not-found")) return false;
    throw error;
  }
}
