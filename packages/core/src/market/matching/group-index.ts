import { engineClasses } from "../../protocol/requirements.js";
import { type Capacity, hasPlace, freeGpuMilli } from "../packing/capacity.js";
import { type MarketAgent, openParts } from "./agent-index.js";
import { refusingFilter, type TaskGroup } from "./filters.js";
import { keysOfGroup, shortKeysOf } from "./group-keys.js";
import { atLeastMebibytes } from "./memory.js";
import { type Measures, OrderedTree } from "./ordered-tree.js";
import { WaitingTasks } from "./waiting-tasks.js";

/** A group with tasks that wait. */
export class WaitingGroup {
  readonly group: TaskGroup;
  /** Whether its tasks need one agent each, of a class that lends parts: cards are lent so, cores are not. */
  readonly mayBePassedBy: boolean;
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
    this.mayBePassedBy = group.gangSize === 1 && engineClasses[group.engine] !== "cpu";
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

/** No agent with less memory, or less free of its cards where parts are asked for, and none with a higher floor, may take its tasks. */
function needs({ group }: WaitingGroup): Measures {
  const { part, maxPrice } = group;
  return [part ? part.gpus * part.gpuMilli : atLeastMebibytes(group), -maxPrice];
}

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
    return this.#firstNow(agent, "byPrice");
  }

  /** The group of another job that the agent would take first if it had a free slot. */
  bestOfOthers(agent: MarketAgent, job: string): WaitingGroup | undefined {
    const accepts = ({ group }: WaitingGroup) => group.job !== job && refusingFilter(group, agent.terms) === undefined;
    const whole = this.#first(agent.groupKeys, agent.bounds, "byPrice", accepts);
    const { parts } = agent.terms;
    return parts ? earlier(whole, this.#first(agent.partKeys, partBounds(agent, parts), "byPrice", accepts)) : whole;
  }

  /**
   * The group that has waited longest of those that the agent may take now. Groups only become younger by what is served, so
   * one is put in its new place by age only when it comes to the front: that is asked for once in ten assignments.
   */
  oldest(agent: MarketAgent): WaitingGroup | undefined {
    for (;;) {
      const found = this.#firstNow(agent, "byAge");
      if (!found || found.filedAge === found.age) return found;
      this.#file(found);
    }
  }

  #file(group: WaitingGroup): void {
    for (const key of group.keys) this.#orders.get(key)?.byAge.remove(group);
    group.filedAge = group.age;
    for (const key of group.keys) this.#orders.get(key)?.byAge.add(group);
  }

  #firstNow(agent: MarketAgent, order: keyof Orders): WaitingGroup | undefined {
    const accepts = ({ group }: WaitingGroup) => refusingFilter(group, agent.terms) === undefined;
    const whole = this.#first(keysNow(agent), agent.bounds, order, accepts);
    const open = openParts(agent);
    if (!open) return whole;
    const fitting = (waiting: WaitingGroup) =>
      waiting.group.part !== undefined && hasPlace(open, waiting.group.part) && accepts(waiting);
    return earlier(whole, this.#first(agent.partKeys, partBounds(agent, open), order, fitting), order);
  }

  #first(
    keys: readonly string[],
    bounds: Measures,
    order: keyof Orders,
    accepts: (group: WaitingGroup) => boolean,
  ): WaitingGroup | undefined {
    let best: WaitingGroup | undefined;
    for (const key of keys) best = earlier(best, this.#orders.get(key)?.[order].first(bounds, accepts), order);
    return best;
  }
}

function earlier(
  one: WaitingGroup | undefined,
  other: WaitingGroup | undefined,
  order: keyof Orders = "byPrice",
): WaitingGroup | undefined {
  if (!one || !other) return one ?? other;
  return compareBy[order](other, one) < 0 ? other : one;
}

/** Where all its slots are taken, it takes short tasks only. */
function keysNow({ room, groupKeys, shortKeys }: MarketAgent): readonly string[] {
  return room > 0 ? groupKeys : shortKeys;
}

/** The most that a part may ask for where this is free, and the negated floor. */
function partBounds({ terms }: MarketAgent, free: Capacity): Measures {
  return [freeGpuMilli(free), -terms.floorPrice];
}
