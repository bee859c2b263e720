/**
 * Every code an {@link AegisError} can carry, with the HTTP status a pool answers when it is the reason.
 * A code is stable once released: scripts match on it. Each has a page `docs/errors/<code>.md`.
 */
export const errorStatuses = {
  "bad-argument": 400,
  "bad-message": 400,
  "bad-signature": 403,
  "blob-mismatch": 422,
  "blob-missing": 409,
  "budget-exceeded": 402,
  cancelled: 409,
  "certificate-revoked": 403,
  "database-lost": 503,
  "deadline-passed": 408,
  "disk-full": 507,
  internal: 500,
  "job-unknown": 404,
  "key-unreadable": 500,
  "log-mismatch": 502,
  "not-found": 404,
  "pool-key-changed": 502,
  "pool-unreachable": 503,
  "port-in-use": 500,
  "result-mismatch": 502,
  "task-failed": 422,
  "task-number-taken": 409,
  "too-large": 413,
  "too-many": 429,
  "unknown-version": 400,
} as const;

/** The stable name of what went wrong. */
export type ErrorCode = keyof typeof errorStatuses;
