import type { MarketAgent } from "./agent-index.js";
import { refusingFilter, type TaskGroup } from "./filters.js";
import { keysOfGroup, shortKeysOf } from "./group-keys.js";
import { atLeastMebibytes } from "./memory.js";
import { OrderedTree } from "./ordered-tree.js";
import { WaitingTasks } from "./waiting-tasks.js";

/** A group with tasks that wait. */
export class WaitingGroup {
  readonly group: TaskGroup;
  /** The order in which groups came, which decides between equals. */
  readonly arrival: number;
  /** Under which keys it is found. */
  keys: readonly string[];
  readonly tasks = new WaitingTasks();
  /** When its oldest task was submitted: the lower, the older. While the group is in an index, only that changes it. */
  age = 0;
  /** Its age when it was last put in its place by age, or less: what was older than it then still is. */
  filedAge = 0;

  #isShort = false;

  constructor(group: TaskGroup, arrival: number) {
    this.group = group;
    this.arrival = arrival;
    this.keys = keysOfGroup(group);
  }

  /** Whether as many tasks wait as begin together. */
  get isReady(): boolean {
    return this.tasks.size >= this.group.gangSize;
  }

  /** Whether its tasks are short. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Not to be changed while the group is in an index. */
  set isShort(isShort: boolean) {
    this.#isShort = isShort;
    const keys = keysOfGroup(this.group);
    this.keys = isShort ? [...keys, ...shortKeysOf(keys)] : keys;
  }
}

/** Higher price first, then the older task. */
export function compareGroups(a: WaitingGroup, b: WaitingGroup): number {
  return b.group.maxPrice - a.group.maxPrice || compareAges(a, b);
}

function compareAges(a: WaitingGroup, b: WaitingGroup): number {
  return a.age - b.age || a.arrival - b.arrival;
}

function compareFiledAges(a: WaitingGroup, b: WaitingGroup): number {
  return a.filedAge - b.filedAge || a.arrival - b.arrival;
}

/** No agent with less memory, and none with a higher floor, may take its tasks. */
const needs = ({ group }: WaitingGroup) => [atLeastMebibytes(group), -group.maxPrice] as const;

interface Orders {
  readonly byPrice: OrderedTree<WaitingGroup>;
  readonly byAge: OrderedTree<WaitingGroup>;
}

const compareBy = { byPrice: compareGroups, byAge: compareFiledAges } as const;

/** Groups that wait, so that the best one for an agent is found without a look at the others. */
export class GroupIndex {
  readonly #orders = new Map<string, Orders>();

  /** Adds a group that is not in the index. */
  add(group: WaitingGroup): void {
    group.filedAge = group.age;
    for (const key of group.keys) {
      let orders = this.#orders.get(key);
      if (!orders) {
        orders = { byPrice: new OrderedTree(compareBy.byPrice, needs), byAge: new OrderedTree(compareBy.byAge, needs) };
        this.#orders.set(key, orders);
      }
      orders.byPrice.add(group);
      orders.byAge.add(group);
    }
  }

  /** Another task is the group's oldest. */
  setAge(group: WaitingGroup, age: number): void {
    for (const key of group.keys) this.#orders.get(key)?.byPrice.remove(group);
    group.age = age;
    for (const key of group.keys) this.#orders.get(key)?.byPrice.add(group);
    if (age < group.filedAge) this.#file(group);
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

  /** The group that comes first of those that the agent may take now. */
  best(agent: MarketAgent): WaitingGroup | undefined {
    return this.#first(agent, keysNow(agent), "byPrice");
  }

  /** The group of another job that the agent would take first if it had a free slot. */
  bestOfOthers(agent: MarketAgent, job: string): WaitingGroup | undefined {
    return this.#first(agent, agent.groupKeys, "byPrice", job);
  }

  /**
   * The group that has waited longest of those that the agent may take now. Groups only become younger by what is served, so
   * one is put in its new place by age only when it comes to the front: that is asked for once in ten assignments.
   */
  oldest(agent: MarketAgent): WaitingGroup | undefined {
    for (;;) {
      const found = this.#first(agent, keysNow(agent), "byAge");
      if (!found || found.filedAge === found.age) return found;
      this.#file(found);
    }
  }

  #file(group: WaitingGroup): void {
    for (const key of group.keys) this.#orders.get(key)?.byAge.remove(group);
    group.filedAge = group.age;
    for (const key of group.keys) this.#orders.get(key)?.byAge.add(group);
  }

  #first(
    { terms, bounds }: MarketAgent,
    keys: readonly string[],
    order: keyof Orders,
    exceptJob?: string,
  ): WaitingGroup | undefined {
    const accepts = ({ group }: WaitingGroup) => group.job !== exceptJob && refusingFilter(group, terms) === undefined;
    let best: WaitingGroup | undefined;
    for (const key of keys) {
      const found = this.#orders.get(key)?.[order].first(bounds, accepts);
      if (found && (!best || compareBy[order](found, best) < 0)) best = found;
    }
    return best;
  }
}

/** Where all its slots are taken, it takes short tasks only. */
function keysNow({ room, groupKeys, shortKeys }: MarketAgent): readonly string[] {
  return room > 0 ? groupKeys : shortKeys;
}
