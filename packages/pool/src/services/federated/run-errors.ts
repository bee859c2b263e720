import { AegisError } from "@aegis-pool/core";

export const notThere = (what: string) =>
  new AegisError({
    code: "not-found",
    message: `${what} is not here.`,
    next: "Check the run's id, and the pool's URL.",
  });

export const notExpected = (hash: string) =>
  new AegisError({
    code: "not-found",
    message: `Nobody has announced a file ${hash} for the sum that is open.`,
    next: "Announce the upload first; if the sum is closed, go on with what the run shows.",
  });

export const mismatch = (hash: string, taken: "too-long" | "other-hash") =>
  new AegisError({
    code: "blob-mismatch",
    message:
      taken === "too-long" ? `The file ${hash} is longer than the sum.` : `What was sent is not the file ${hash}.`,
    next: "Send exactly the bytes that were announced.",
  });

export const tooManyRuns = (mostRuns: number) =>
  new AegisError({
    code: "too-many",
    message: `This pool conducts ${mostRuns} federated runs, as many as it can.`,
    next: "Try again when others are over.",
  });

export const numberTaken = () =>
  new AegisError({
    code: "task-number-taken",
    message: "Another task has the number of one of the run's member tasks.",
    next: "Make the run again: its numbers are drawn anew.",
  });

export const runIsOver = () =>
  new AegisError({
    code: "out-of-turn",
    message: "The run is over.",
    next: "Take what it has come to: `aegis federate result`.",
  });

export const tooManySending = (hash: string) =>
  new AegisError({
    code: "too-many-uploads",
    message: `The file ${hash} is being sent already.`,
    next: "Wait until that has ended, and look whether the file is there.",
  });
