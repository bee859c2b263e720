import { type Capacity, type Demand, hasPlace } from "../packing/capacity.js";
import { PackingMachines, type PackingPolicy } from "../packing/machines.js";
import type { AgentNow } from "../why.js";
import { AgentIndex, compareAgents, MarketAgent, openParts } from "./agent-index.js";
import { type AgentTerms, refusingFilter, type TaskGroup } from "./filters.js";
import type { WaitingGroup } from "./group-index.js";
import { RecentPlaces } from "./recent-places.js";

/** The agents that are here, and what room they have. */
export class Supply {
  readonly #agents = new Map<string, MarketAgent>();
  /** Those with a free slot, and those that have none but would hold more short tasks. */
  readonly #free = new AgentIndex();
  readonly #ahead = new AgentIndex();
  /** Those that would lend parts of what they have. */
  readonly #parts: PackingMachines;
  readonly #places = new RecentPlaces();
  /** Those that would take something, and of which something has changed since the last decision. */
  readonly changed = new Set<MarketAgent>();
  #arrivals = 0;

  constructor(policy: PackingPolicy) {
    this.#parts = new PackingMachines(policy);
  }

  /** An agent is here, on these terms and without room; one of that name from before is gone. */
  add(terms: AgentTerms): void {
    this.remove(terms.agent);
    this.#agents.set(terms.agent, new MarketAgent(terms, ++this.#arrivals));
  }

  remove(agent: string): void {
    this.setRoom(agent, 0, 0);
    this.#agents.delete(agent);
  }

  /**
   * From now on the agent has `room` slots free, one that is kept among them, holds `ahead` more short tasks in advance, and has
   * `free` to lend in parts.
   */
  setRoom(agent: string, room: number, ahead: number, free?: Capacity): void {
    const known = this.#agents.get(agent);
    if (!known) return;
    if (room === 0) known.isKept = false;
    const [open, short] = known.isKept ? [room - 1, room > 1 ? ahead : 0] : [room, ahead];
    if (known.room === open && known.ahead === short && known.free === free) return;
    this.#change(known, open, short, free);
    if (takesAny(known) || known.isClosed) this.changed.add(known);
  }

  /** A task that asks for such a part has come: which places are good for it and others hangs on what comes. */
  arrived(part: Demand): void {
    this.#parts.arrived(part);
  }

  /** Whether no agent takes anything, but for what is kept. */
  get isTaken(): boolean {
    return this.#free.isEmpty && this.#ahead.isEmpty && this.#parts.isEmpty;
  }

  /** Every agent that is here. */
  all(): Iterable<MarketAgent> {
    return this.#agents.values();
  }

  /** The same, as others may see them. */
  *now(): Generator<AgentNow> {
    for (const agent of this.#agents.values()) {
      const { terms, room, isKept, isClosed } = agent;
      yield { terms, room: isClosed ? 0 : room, isKept: isKept || isClosed, free: openParts(agent) };
    }
  }

  has(agent: MarketAgent): boolean {
    return this.#agents.get(agent.terms.agent) === agent;
  }

  /**
   * Of those with a free slot, or else, for a short task, of those that would hold it in advance: of the agents at the
   * lowest floor one that has the group's shared input, where there is one. For a part, the one where it strands least.
   */
  best({ group, isShort }: WaitingGroup): MarketAgent | undefined {
    const best = group.part
      ? this.#bestPlace(group, group.part)
      : (this.#free.best(group) ?? (isShort ? this.#ahead.best(group) : undefined));
    return (best && this.#nearest(group, best)) ?? best;
  }

  /** As many agents with a free slot as the gang needs, those at the lowest floors; none where there are fewer. */
  bestOfEach({ group }: WaitingGroup): readonly MarketAgent[] {
    const found: MarketAgent[] = [];
    while (found.length < group.gangSize) {
      const agent = this.#free.best(group);
      if (!agent) break;
      found.push(agent);
      this.#free.remove(agent); // so that the next is another
    }
    for (const agent of found) this.#free.add(agent);
    return found.length === group.gangSize ? found : [];
  }

  /** A task of the group takes a part, a slot, or waits for one; nothing waits behind a long one. */
  occupy(agent: MarketAgent, { group, isShort }: WaitingGroup): void {
    const ahead = agent.room > 0 ? agent.ahead : agent.ahead - 1;
    if (group.part) this.#change(agent, 0, 0, this.#parts.capacityAfter(agent.terms.agent, group.part));
    else this.#change(agent, Math.max(0, agent.room - 1), isShort ? ahead : 0, undefined);
    if (group.shared !== undefined) this.#places.note(group.shared, agent.terms.agent);
  }

  /** One of the agent's free slots is kept for a gang; what it held in advance would keep the gang from beginning. */
  keep(agent: MarketAgent): void {
    agent.isKept = true;
    this.#change(agent, agent.room - 1, agent.room > 1 ? agent.ahead : 0, agent.free);
  }

  /** The slot that was kept is anybody's again. */
  release(agent: MarketAgent): void {
    if (!agent.isKept) return;
    agent.isKept = false;
    this.#change(agent, agent.room + 1, agent.ahead, agent.free);
    this.changed.add(agent);
  }

  /** What becomes free there is for nobody until it is opened again. */
  close(agent: MarketAgent): void {
    this.#leave(agent);
    agent.isClosed = true;
  }

  reopen(agent: MarketAgent): void {
    if (!agent.isClosed) return;
    agent.isClosed = false;
    this.#enter(agent);
    this.changed.add(agent);
  }

  #bestPlace(group: TaskGroup, part: Demand): MarketAgent | undefined {
    const name = this.#parts.find(part, (agent) => {
      const terms = this.#agents.get(agent)?.terms;
      return terms !== undefined && refusingFilter(group, terms) === undefined;
    });
    return name === undefined ? undefined : this.#agents.get(name);
  }

  /** One that has the group's shared input, takes it as soon as `best` and asks no more. */
  #nearest(group: TaskGroup, best: MarketAgent): MarketAgent | undefined {
    if (group.shared === undefined) return undefined;
    let near: MarketAgent | undefined;
    for (const id of this.#places.of(group.shared)) {
      const agent = this.#agents.get(id);
      if (!agent || !takesLike(agent, best, group) || agent.terms.floorPrice > best.terms.floorPrice) continue;
      if (refusingFilter(group, agent.terms) === undefined && (!near || compareAgents(agent, near) < 0)) near = agent;
    }
    return near;
  }

  #change(agent: MarketAgent, room: number, ahead: number, free: Capacity | undefined): void {
    this.#leave(agent);
    agent.room = room;
    agent.ahead = ahead;
    agent.free = free;
    this.#enter(agent);
  }

  #leave(agent: MarketAgent): void {
    if (agent.isClosed) return;
    if (agent.room > 0) this.#free.remove(agent);
    else if (agent.ahead > 0) this.#ahead.remove(agent);
    if (agent.terms.parts) this.#parts.remove(agent.terms.agent);
  }

  #enter(agent: MarketAgent): void {
    if (agent.isClosed) return;
    if (agent.room > 0) this.#free.add(agent);
    else if (agent.ahead > 0) this.#ahead.add(agent);
    const capacity = openParts(agent);
    const { agent: name, floorPrice } = agent.terms;
    if (capacity) this.#parts.put({ name, rank: agent.arrival, floorPrice, capacity });
  }
}

export function takesAny(agent: MarketAgent): boolean {
  return agent.room > 0 || agent.ahead > 0 || openParts(agent) !== undefined;
}

/** Whether the agent would take the group's next task as soon as `other` would: a part, into a free slot, or else in advance. */
function takesLike(agent: MarketAgent, other: MarketAgent, { part }: TaskGroup): boolean {
  if (agent.isClosed) return false;
  if (!part) return other.room > 0 ? agent.room > 0 : agent.ahead > 0;
  const open = openParts(agent);
  return open !== undefined && hasPlace(open, part);
}
