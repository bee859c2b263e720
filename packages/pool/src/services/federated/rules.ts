/** How long a run waits, in ms. */
export const runPatience = {
  /** For a member to make keys, to sign, or to show what it has. */
  memberMs: 20_000,
  /** Values that a member is trusted to add in a second, at least: what it computes may take so much longer. */
  valuesPerSecond: 50e6,
  /** For participants to show their part of the draw. */
  revealMs: 30_000,
  /** For participants that have to enrol again. */
  enrolAgainMs: 60_000,
  /** For anything at all. */
  abandonedMs: 3 * 24 * 3_600_000,
} as const;
export type RunPatience = { readonly [K in keyof typeof runPatience]: number };
