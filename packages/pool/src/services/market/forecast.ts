import { lendsEngine, partOfSpeed, placesFor, type Requirements, type RunTimes } from "@aegis-pool/core";
import type { AgentSession, LiveJob } from "./live.js";

/** ms until a job is done, if every agent that could work for it does; undefined while nobody could, or nothing has run. */
export function remainingMs(job: LiveJob, sessions: Iterable<AgentSession>, times: RunTimes): number | undefined {
  const { queued, matched, running } = job.counts;
  const requirements = job.groups.values().next().value?.requirements;
  if (requirements === undefined) return undefined;
  const { engine } = requirements;
  let tasksPerMs = 0;
  for (const session of sessions) {
    const { id, offer } = session;
    if (!lendsEngine(offer, engine)) continue;
    const speed = speedOf(session, requirements);
    const ms = times.predict({ kind: job.id, agent: id, engine, speed, fresh: false });
    if (ms !== undefined) tasksPerMs += placesFor(offer, requirements) / ms;
  }
  return tasksPerMs > 0 ? Math.round((queued + matched + running) / tasksPerMs) : undefined;
}

/** What run times are learned by, in µSCU: what was proven, since what it counts for follows the run times themselves. */
export function speedOf({ offer, provenSpeed, slotSpeed }: AgentSession, requirements: Requirements): number {
  return partOfSpeed(provenSpeed > 0 ? provenSpeed : slotSpeed, offer, requirements);
}
