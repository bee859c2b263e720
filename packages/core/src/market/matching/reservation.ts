import { type Demand, freeGpuMilli, hasPlace } from "../packing/capacity.js";
import type { MarketAgent } from "./agent-index.js";
import { refusingFilter } from "./filters.js";
import type { WaitingGroup } from "./group-index.js";

/** A gang, or a single task that was passed by, for which agents are kept until there are enough or the time is over. */
export interface Reservation {
  readonly gang: WaitingGroup;
  /** ms of the clock that decisions are made by. */
  readonly until: number;
  /** They have what it needs. */
  readonly agents: Set<MarketAgent>;
  /** They lend parts, and no more of them to others until enough is free. */
  readonly closed: readonly MarketAgent[];
}

/** An agent whose slot was taken back, or has too little free again, is none of those that have what is needed. */
export function isFull({ gang, agents }: Reservation): boolean {
  const { part, gangSize } = gang.group;
  for (const agent of agents) if (part ? !hasPart(agent, part) : !agent.isKept) agents.delete(agent);
  return agents.size >= gangSize;
}

export function hasPart({ free }: MarketAgent, part: Demand): boolean {
  return free !== undefined && hasPlace(free, part);
}

/** Of the agents that lend parts and would take the gang's tasks, those with the most free. */
export function emptiest(agents: Iterable<MarketAgent>, { group }: WaitingGroup, most: number): MarketAgent[] {
  const fitting = [...agents].filter(
    ({ terms, isKept }) => terms.parts && !isKept && refusingFilter(group, terms) === undefined,
  );
  return fitting.toSorted((a, b) => freeOf(b) - freeOf(a)).slice(0, Math.max(0, most));
}

function freeOf({ free }: MarketAgent): number {
  return free ? freeGpuMilli(free) : -1;
}

/** Whether as many agents as the gang needs would take its tasks if they were free. */
export function areEnough(agents: Iterable<MarketAgent>, { group }: WaitingGroup): boolean {
  let enough = 0;
  for (const { terms } of agents) {
    if (refusingFilter(group, terms) === undefined && ++enough === group.gangSize) return true;
  }
  return false;
}
