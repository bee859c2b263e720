import type { MarketAgent } from "./agent-index.js";
import { refusingFilter, type TaskGroup } from "./filters.js";
import { keysOfGroup } from "./group-keys.js";
import { OrderedTree } from "./ordered-tree.js";
import { WaitingTasks } from "./waiting-tasks.js";

/** A group with tasks that wait. */
export class WaitingGroup {
  readonly group: TaskGroup;
  /** The order in which groups came, which decides between equals. */
  readonly arrival: number;
  /** Under which keys it is found. */
  readonly keys: readonly string[];
  readonly tasks = new WaitingTasks();
  /** When its oldest task was submitted: the lower, the older. Kept while the group is in an index. */
  age = 0;

  constructor(group: TaskGroup, arrival: number) {
    this.group = group;
    this.arrival = arrival;
    this.keys = keysOfGroup(group);
  }
}

/** Higher price first, then the older task. */
export function compareGroups(a: WaitingGroup, b: WaitingGroup): number {
  return b.group.maxPrice - a.group.maxPrice || compareAges(a, b);
}

function compareAges(a: WaitingGroup, b: WaitingGroup): number {
  return a.age - b.age || a.arrival - b.arrival;
}

/** No agent with less memory, and none with a higher floor, may take its tasks. */
const needs = ({ group }: WaitingGroup) => [group.memoryBytes, -group.maxPrice] as const;

interface Orders {
  readonly byPrice: OrderedTree<WaitingGroup>;
  readonly byAge: OrderedTree<WaitingGroup>;
}

/** Groups that wait, so that the best one for an agent is found without a look at the others. */
export class GroupIndex {
  readonly #orders = new Map<string, Orders>();

  /** Adds a group that is not in the index. */
  add(group: WaitingGroup): void {
    for (const key of group.keys) {
      let orders = this.#orders.get(key);
      if (!orders) {
        orders = { byPrice: new OrderedTree(compareGroups, needs), byAge: new OrderedTree(compareAges, needs) };
        this.#orders.set(key, orders);
      }
      orders.byPrice.add(group);
      orders.byAge.add(group);
    }
  }

  remove(group: WaitingGroup): void {
    for (const key of group.keys) {
      const orders = this.#orders.get(key);
      if (!orders) continue;
      orders.byPrice.remove(group);
      orders.byAge.remove(group);
      if (orders.byPrice.isEmpty) this.#orders.delete(key);
    }
  }

  /** The group that comes first of those that the agent may take, not counting those of `exceptJob`. */
  best(agent: MarketAgent, exceptJob?: string): WaitingGroup | undefined {
    return this.#first(agent, "byPrice", compareGroups, exceptJob);
  }

  /** The group that has waited longest of those that the agent may take. */
  oldest(agent: MarketAgent): WaitingGroup | undefined {
    return this.#first(agent, "byAge", compareAges);
  }

  #first(
    { terms, groupKeys }: MarketAgent,
    order: keyof Orders,
    compare: (a: WaitingGroup, b: WaitingGroup) => number,
    exceptJob?: string,
  ): WaitingGroup | undefined {
    const most = [terms.offer.memoryBytes, -terms.floorPrice] as const;
    const accepts = ({ group }: WaitingGroup) => group.job !== exceptJob && refusingFilter(group, terms) === undefined;
    let best: WaitingGroup | undefined;
    for (const key of groupKeys) {
      const found = this.#orders.get(key)?.[order].first(most, accepts);
      if (found && (!best || compare(found, best) < 0)) best = found;
    }
    return best;
  }
}
