import { afterPlacement, type Capacity, capacityKey, type Demand, demandKey, placements } from "./capacity.js";

/** Decides which of the places that fit is taken. */
export interface PackingPolicy {
  /** Notes an arrival; true if costs differ from now on. */
  learn(demand: Demand): boolean;
  /** What is bad about what a machine has free. */
  badness(capacity: Capacity): number;
  /** What a placement costs, by the machine's badness before and after it; the least is taken. */
  cost(before: number, after: number): number;
}

/** Shapes of demand whose best places are kept; when another comes, all are forgotten. */
const mostShapesKept = 256;

/** A machine that lends something now. */
export interface PackingMachine {
  readonly name: string;
  /** Decides between equals: the lower comes first. No two machines have the same. */
  readonly rank: number;
  /** What it asks: cheaper machines are taken first, whatever a placement there strands. */
  readonly floorPrice: number;
  readonly capacity: Capacity;
}

/** A way of placing a shape on a machine in some state. */
interface Option {
  /** What is free on each card to take: the order of the cards differs among machines of one state. */
  readonly freeOfCards: readonly number[];
  readonly cost: number;
}

/** Machines that ask the same and have the same free. */
interface State {
  readonly floorPrice: number;
  readonly capacity: Capacity;
  /** By rank. */
  readonly machines: PackingMachine[];
  /** By the policy as it is now; undefined until it is asked for. */
  badness: number | undefined;
  /** The best place for each shape of demand, by its number: "none" where it does not fit, undefined until it is asked for. */
  options: (Option | "none" | undefined)[];
}

/**
 * Machines by what they have free. Those in the same state are interchangeable, so a decision looks at each distinct
 * state once, and what a shape of demand would cost there is computed once. Ties go to the machine of the lowest rank,
 * so that a replay comes out the same; which it is can move the result by points where costs are coarse.
 */
export class PackingMachines {
  readonly #machines = new Map<string, PackingMachine>();
  readonly #states = new Map<string, State>();
  /** Numbers of shapes of demand: an array for each state is read ten times faster than a map. */
  readonly #shapes = new Map<string, number>();
  readonly #policy: PackingPolicy;

  constructor(policy: PackingPolicy) {
    this.#policy = policy;
  }

  /** Distinct states among all machines. */
  get stateCount(): number {
    return this.#states.size;
  }

  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** A machine is here and has this free; what was known under its name is forgotten. */
  put(machine: PackingMachine): void {
    this.remove(machine.name);
    const key = stateKey(machine);
    let state = this.#states.get(key);
    if (state === undefined) {
      const { floorPrice, capacity } = machine;
      state = { floorPrice, capacity, machines: [], badness: undefined, options: [] };
      this.#states.set(key, state);
    }
    state.machines.splice(placeOf(state.machines, machine.rank), 0, machine);
    this.#machines.set(machine.name, machine);
  }

  /** Nothing happens where it is not here. */
  remove(name: string): void {
    const machine = this.#machines.get(name);
    if (machine === undefined) return;
    this.#machines.delete(name);
    const key = stateKey(machine);
    const state = this.#states.get(key);
    state?.machines.splice(placeOf(state.machines, machine.rank), 1);
    if (state?.machines.length === 0) this.#states.delete(key);
  }

  /** Notes that a demand has come, once for each, placed or not: policies learn from it what else will come. */
  arrived(demand: Demand): void {
    if (this.#policy.learn(demand)) this.#forget();
  }

  /**
   * Of the machines that `allowed` lets through and that the demand fits, the one that asks least, and of these one with the
   * cheapest place; undefined only where it fits none.
   */
  find(demand: Demand, allowed: (name: string) => boolean = () => true): string | undefined {
    const shape = this.#shapeOf(demand);
    let best: { readonly machine: PackingMachine; readonly cost: number } | undefined;
    for (const state of this.#states.values()) {
      const option = this.#optionOf(state, demand, shape);
      if (option === "none") continue;
      const order = best ? state.floorPrice - best.machine.floorPrice || option.cost - best.cost : -1;
      if (order > 0) continue;
      const machine = state.machines.find(({ name }) => allowed(name));
      if (machine && (!best || order < 0 || machine.rank < best.machine.rank)) best = { machine, cost: option.cost };
    }
    return best?.machine.name;
  }

  /** What the machine has free once the demand has its cheapest place there; undefined where it does not fit. */
  capacityAfter(name: string, demand: Demand): Capacity | undefined {
    const machine = this.#machines.get(name);
    const state = machine && this.#states.get(stateKey(machine));
    const option = state && this.#optionOf(state, demand, this.#shapeOf(demand));
    if (!machine || !option || option === "none") return undefined;
    return afterPlacement(machine.capacity, { demand, cards: cardsOn(machine.capacity, option.freeOfCards) });
  }

  #optionOf(state: State, demand: Demand, shape: number): Option | "none" {
    return (state.options[shape] ??= this.#bestOption(state, demand));
  }

  #bestOption(state: State, demand: Demand): Option | "none" {
    const { gpusMilli } = state.capacity;
    let best: Option | "none" = "none";
    for (const placement of placements(state.capacity, demand)) {
      state.badness ??= this.#policy.badness(state.capacity);
      const after = this.#policy.badness(afterPlacement(state.capacity, placement));
      const cost = this.#policy.cost(state.badness, after);
      if (best === "none" || cost < best.cost)
        best = { freeOfCards: placement.cards.map((card) => gpusMilli[card] ?? 0), cost };
    }
    return best;
  }

  #shapeOf(demand: Demand): number {
    const key = demandKey(demand);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    if (this.#shapes.size >= mostShapesKept) {
      this.#shapes.clear();
      this.#forget();
    }
    this.#shapes.set(key, this.#shapes.size);
    return this.#shapes.size - 1;
  }

  #forget(): void {
    for (const state of this.#states.values()) {
      state.options = [];
      state.badness = undefined;
    }
  }
}

function stateKey({ floorPrice, capacity }: PackingMachine): string {
  return `${floorPrice} ${capacityKey(capacity)}`;
}

/** How many of `machines` have a smaller rank. */
function placeOf(machines: readonly PackingMachine[], rank: number): number {
  let [low, high] = [0, machines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((machines[middle]?.rank ?? Infinity) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A card for each of `free`, no card twice. */
function cardsOn({ gpusMilli }: Capacity, free: readonly number[]): number[] {
  const cards: number[] = [];
  for (const milli of free) cards.push(gpusMilli.findIndex((own, card) => own === milli && !cards.includes(card)));
  return cards;
}
