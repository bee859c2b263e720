import type { Lease, ToReleaser } from "@aegis-pool/core";
import type { LiveLease } from "./live.js";

/** A run may exceed its time limit by this much before the pool takes the lease away, in ms. */
const overrunMs = 15_000;
/** An agent may be silent about a run for this many times what the run was expected to take ... */
const patience = 3;
/** ... and for this long at least, in ms: six heartbeats, since a machine under load sends them late. */
const leastSilenceMs = 30_000;

/**
 * When a lease that runs ends if its agent says nothing about it after `now`, in ms since 1970. Each heartbeat that names
 * it gives it as long again, so that no run is lost for being slow; its time limit ends it whatever is said.
 */
export function runDeadline(
  { releasedAt, expectedMs = Infinity }: Pick<LiveLease, "releasedAt" | "expectedMs">,
  timeLimitMs: number,
  now: number,
): number {
  const last = (releasedAt ?? now) + timeLimitMs + overrunMs;
  return Math.min(last, now + Math.max(leastSilenceMs, patience * expectedMs));
}

/** What the requester is told of a match, in whose short name for the agent. */
export function matchedMessage({ number, fence }: Lease, agent: number, { expectedMs }: LiveLease): ToReleaser {
  return { type: "matched", number, fence, agent, ...(expectedMs !== undefined && { expectedMs }) };
}
