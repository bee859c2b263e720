/**
 * Every code an {@link AegisError} can carry, with the HTTP status a pool answers when it is the reason.
 * A code is stable once released: scripts match on it. Each has a page `docs/errors/<code>.md`.
 */
export const errorStatuses = {
  "bad-argument": 400,
  "bad-message": 400,
  "too-large": 413,
  "not-found": 404,
  internal: 500,
} as const;

/** The stable name of what went wrong. */
export type ErrorCode = keyof typeof errorStatuses;
