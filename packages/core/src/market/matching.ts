import type { Offer } from "../protocol/agent-channel.js";
import { allowsOperator, lendsEngine, type Requirements } from "../protocol/requirements.js";

/** Waiting tasks that are alike to the market: of one job, with the same requirements and top price. */
export interface WaitingGroup {
  readonly requirements: Requirements;
  /** Top price, nAIS per SCU-second. */
  readonly maxPrice: bigint;
  /** When its oldest task was submitted: the lower, the older. */
  readonly age: number;
  /** The tasks' numbers, the oldest first. */
  readonly numbers: Iterable<number>;
  /** Agents that the requester has refused; absent: none. */
  readonly refused?: ReadonlySet<string> | undefined;
}

/** An agent that has room. */
export interface Candidate {
  readonly agent: string;
  /** The operator's Ed25519 key. */
  readonly operator: Uint8Array;
  readonly offer: Offer;
  /** How many more leases it would take. */
  readonly room: number;
}

/** One assignment of the plan. The store may refuse it; the task then goes back into the queue. */
export interface Assignment {
  readonly number: number;
  readonly agent: string;
  /** nAIS per SCU-second, fixed in the lease: the agent's floor. */
  readonly price: bigint;
}

type Filter = (group: WaitingGroup, candidate: Candidate) => boolean;

/** What an agent must meet to take a task, cheapest to check first. */
export const filters = {
  engine: (group, candidate) => lendsEngine(candidate.offer, group.requirements.engine),
  memory: (group, candidate) => group.requirements.memoryBytes <= candidate.offer.memoryBytes,
  price: (group, candidate) => BigInt(candidate.offer.floorPrice) <= group.maxPrice,
  operator: (group, candidate) => allowsOperator(group.requirements, candidate.operator),
  requester: (group, candidate) => !group.refused?.has(candidate.agent),
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

/** The first filter that keeps `candidate` from the tasks of `group`, or undefined where it may take them. */
export function refusingFilter(group: WaitingGroup, candidate: Candidate): FilterName | undefined {
  const names = Object.keys(filters) as FilterName[];
  return names.find((name) => !filters[name](group, candidate));
}

/** Higher price first, then the older task. */
export function compareGroups(a: WaitingGroup, b: WaitingGroup): number {
  if (a.maxPrice !== b.maxPrice) return a.maxPrice > b.maxPrice ? -1 : 1;
  return a.age - b.age;
}

/**
 * Assigns waiting tasks to agents with room. Each task goes to the feasible agent with the most room for its size, so
 * that a job spreads over agents in proportion to what they lend.
 */
export function matchTasks(groups: readonly WaitingGroup[], candidates: readonly Candidate[]): Assignment[] {
  const rooms = candidates.map((candidate) => ({ candidate, room: candidate.room }));
  const plan: Assignment[] = [];
  for (const group of [...groups].sort(compareGroups)) {
    const feasible = rooms.filter(({ candidate, room }) => room > 0 && !refusingFilter(group, candidate));
    if (feasible.length > 0) fill(group, feasible, plan);
  }
  return plan;
}

interface Room {
  readonly candidate: Candidate;
  room: number;
}

function fill(group: WaitingGroup, feasible: readonly Room[], plan: Assignment[]): void {
  for (const number of group.numbers) {
    const chosen = roomiest(feasible);
    if (chosen.room === 0) return;
    chosen.room--;
    const { agent, offer } = chosen.candidate;
    plan.push({ number, agent, price: BigInt(offer.floorPrice) });
  }
}

function roomiest(rooms: readonly Room[]): Room {
  const relative = (room: Room) => room.room / room.candidate.offer.slots;
  return rooms.reduce((best, room) => (relative(room) > relative(best) ? room : best));
}
