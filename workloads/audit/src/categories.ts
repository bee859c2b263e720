/** The ten categories of the Decentralized Application Security Project (https://dasp.co), in its order. */
export const daspCategories = [
  "reentrancy",
  "access-control",
  "arithmetic",
  "unchecked-low-level-calls",
  "denial-of-service",
  "bad-randomness",
  "front-running",
  "time-manipulation",
  "short-addresses",
  "unknown-unknowns",
] as const;
export type DaspCategory = (typeof daspCategories)[number];

/** How bad a finding is, worst first. */
export const severities = ["high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** The worse of two severities. */
export function worse(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) <= severities.indexOf(other) ? one : other;
}
