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
  "database-failed": 503,
  "database-lost": 503,
  "database-newer": 503,
  "database-unreachable": 503,
  "database-version": 503,
  "deadline-passed": 408,
  "directory-in-use": 503,
  "directory-unreachable": 503,
  "disk-full": 507,
  "engine-missing": 501,
  internal: 500,
  "job-unknown": 404,
  "key-unreadable": 500,
  "log-mismatch": 502,
  "migration-changed": 503,
  "migration-failed": 503,
  "no-database-binaries": 503,
  "not-found": 404,
  "pool-key-changed": 502,
  "pool-unreachable": 503,
  "port-in-use": 500,
  "result-mismatch": 502,
  "sandbox-failed": 503,
  "storage-full": 507,
  "task-failed": 422,
  "task-number-taken": 409,
  "too-large": 413,
  "too-many": 429,
  "too-many-uploads": 429,
  "unknown-version": 400,
  "upload-superseded": 409,
  "wrong-offset": 409,
} as const;

/** The stable name of what went wrong. */
export type ErrorCode = keyof typeof errorStatuses;
