import type { MarketAgent } from "./agent-index.js";
import { compareGroups, type WaitingGroup } from "./group-index.js";
import { OrderedTree } from "./ordered-tree.js";

const anything = [0, 0] as const;
const always = () => true;

/** The groups that one decision has to look at, the first in the market's order first; empty when it is over. */
export class Turns {
  readonly #order = new OrderedTree<WaitingGroup>(compareGroups, () => anything);
  readonly #waiting = new Set<WaitingGroup>();
  /** Agents that have room, under the group that each would take first. */
  readonly #nominators = new Map<WaitingGroup, MarketAgent[]>();

  /** The group has a turn. */
  add(group: WaitingGroup): void {
    if (!group.isReady || this.#waiting.has(group)) return;
    this.#waiting.add(group);
    this.#order.add(group);
  }

  /** The group has a turn, since of all groups this agent would take it first. */
  nominate(group: WaitingGroup, agent: MarketAgent): void {
    this.add(group);
    const nominators = this.#nominators.get(group);
    if (nominators) nominators.push(agent);
    else this.#nominators.set(group, [agent]);
  }

  /** Takes out the group that comes first. */
  next(): WaitingGroup | undefined {
    const group = this.#order.first(anything, always);
    if (group) this.remove(group);
    else this.#nominators.clear();
    return group;
  }

  /** Takes a group out: it must not change while it has a turn. */
  remove(group: WaitingGroup): void {
    if (this.#waiting.delete(group)) this.#order.remove(group);
  }

  /** The agents that nominated the group; they nominate another, now that it has no more tasks. */
  takeNominators(group: WaitingGroup): readonly MarketAgent[] {
    const nominators = this.#nominators.get(group) ?? [];
    this.#nominators.delete(group);
    return nominators;
  }
}
