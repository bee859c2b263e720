import { type ErrorCode, errorStatuses } from "./error-codes.js";

/** What an {@link AegisError} is made of. */
export interface ErrorParts {
  readonly code: ErrorCode;
  /** One sentence: what is wrong, naming the value received and those allowed. */
  readonly message: string;
  /** What the reader can do next, one sentence. */
  readonly next: string;
  readonly cause?: unknown;
}

/** The one base error at every edge: a stable code, the value received, and what to do next. */
export class AegisError extends Error {
  readonly code: ErrorCode;
  readonly next: string;

  constructor({ code, message, next, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AegisError";
    this.code = code;
    this.next = next;
  }

  /** The HTTP status that a pool answers with. */
  get status(): number {
    return errorStatuses[this.code];
  }
}

/** Whether `value` is a code this version knows (a newer pool may send others). */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errorStatuses, value);
}
