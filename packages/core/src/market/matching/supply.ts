import type { AgentNow } from "../why.js";
import { AgentIndex, compareAgents, MarketAgent } from "./agent-index.js";
import { type AgentTerms, refusingFilter, type TaskGroup } from "./filters.js";
import type { WaitingGroup } from "./group-index.js";
import { RecentPlaces } from "./recent-places.js";

/** The agents that are here, and what room they have. */
export class Supply {
  readonly #agents = new Map<string, MarketAgent>();
  /** Those with a free slot, and those that have none but would hold more short tasks. */
  readonly #free = new AgentIndex();
  readonly #ahead = new AgentIndex();
  readonly #places = new RecentPlaces();
  /** Those that would take something, and of which something has changed since the last decision. */
  readonly changed = new Set<MarketAgent>();
  #arrivals = 0;

  /** An agent is here, on these terms and without room; one of that name from before is gone. */
  add(terms: AgentTerms): void {
    this.remove(terms.agent);
    this.#agents.set(terms.agent, new MarketAgent(terms, ++this.#arrivals));
  }

  remove(agent: string): void {
    this.setRoom(agent, 0, 0);
    this.#agents.delete(agent);
  }

  /** From now on the agent has `room` slots free, one that is kept among them, and holds `ahead` more short tasks in advance. */
  setRoom(agent: string, room: number, ahead: number): void {
    const known = this.#agents.get(agent);
    if (!known) return;
    if (room === 0) known.isKept = false;
    const [open, short] = known.isKept ? [room - 1, room > 1 ? ahead : 0] : [room, ahead];
    if (known.room === open && known.ahead === short) return;
    this.#change(known, open, short);
    if (takesAny(known)) this.changed.add(known);
  }

  /** Whether no agent takes anything, but for what is kept. */
  get isTaken(): boolean {
    return this.#free.isEmpty && this.#ahead.isEmpty;
  }

  /** Every agent that is here. */
  all(): Iterable<MarketAgent> {
    return this.#agents.values();
  }

  /** The same, as others may see them. */
  *now(): Generator<AgentNow> {
    for (const { terms, room, isKept } of this.#agents.values()) yield { terms, room, isKept };
  }

  /**
   * Of those with a free slot, or else, for a short task, of those that would hold it in advance: of the agents at the
   * lowest floor one that has the group's shared input, where there is one.
   */
  best({ group, isShort }: WaitingGroup): MarketAgent | undefined {
    const best = this.#free.best(group) ?? (isShort ? this.#ahead.best(group) : undefined);
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

  /** A task of the group takes a slot, or waits for one; nothing waits behind a long one. */
  occupy(agent: MarketAgent, { group, isShort }: WaitingGroup): void {
    const ahead = agent.room > 0 ? agent.ahead : agent.ahead - 1;
    this.#change(agent, Math.max(0, agent.room - 1), isShort ? ahead : 0);
    if (group.shared !== undefined) this.#places.note(group.shared, agent.terms.agent);
  }

  /** One of the agent's free slots is kept for a gang; what it held in advance would keep the gang from beginning. */
  keep(agent: MarketAgent): void {
    agent.isKept = true;
    this.#change(agent, agent.room - 1, agent.room > 1 ? agent.ahead : 0);
  }

  /** The slot that was kept is anybody's again. */
  release(agent: MarketAgent): void {
    if (!agent.isKept) return;
    agent.isKept = false;
    this.#change(agent, agent.room + 1, agent.ahead);
    this.changed.add(agent);
  }

  /** One that has the group's shared input, takes it as soon as `best` and asks no more. */
  #nearest(group: TaskGroup, best: MarketAgent): MarketAgent | undefined {
    if (group.shared === undefined) return undefined;
    let near: MarketAgent | undefined;
    for (const id of this.#places.of(group.shared)) {
      const agent = this.#agents.get(id);
      if (!agent || !takesLike(agent, best) || agent.terms.floorPrice > best.terms.floorPrice) continue;
      if (refusingFilter(group, agent.terms) === undefined && (!near || compareAgents(agent, near) < 0)) near = agent;
    }
    return near;
  }

  #change(agent: MarketAgent, room: number, ahead: number): void {
    if (agent.room > 0) this.#free.remove(agent);
    else if (agent.ahead > 0) this.#ahead.remove(agent);
    agent.room = room;
    agent.ahead = ahead;
    if (room > 0) this.#free.add(agent);
    else if (ahead > 0) this.#ahead.add(agent);
  }
}

export function takesAny({ room, ahead }: MarketAgent): boolean {
  return room > 0 || ahead > 0;
}

/** Whether the agent would take a task as soon as `other` would: into a free slot, or else in advance. */
function takesLike(agent: MarketAgent, other: MarketAgent): boolean {
  return other.room > 0 ? agent.room > 0 : agent.ahead > 0;
}
