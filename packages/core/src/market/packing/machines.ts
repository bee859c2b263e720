import {
  afterPlacement,
  type Capacity,
  capacityKey,
  type Demand,
  demandKey,
  type Placement,
  placements,
} from "./capacity.js";

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

/** A machine and what was chosen on it. */
export interface Placed {
  readonly machine: string;
  readonly placement: Placement;
}

/** A way of placing a shape on a machine in some state. */
interface Option {
  /** What is free on each card to take: the order of the cards differs among machines of one state. */
  readonly freeOfCards: readonly number[];
  readonly cost: number;
}

interface Machine {
  readonly name: string;
  /** Machines that were added earlier have a smaller one. */
  readonly rank: number;
  readonly capacity: Capacity;
}

interface State {
  readonly capacity: Capacity;
  /** By rank. */
  readonly machines: Machine[];
  /** By the policy as it is now; undefined until it is asked for. */
  badness: number | undefined;
  /** The best place for each shape of demand, by its number: "none" where it does not fit, undefined until it is asked for. */
  options: (Option | "none" | undefined)[];
}

/**
 * Machines by what they have free. Those in the same state are interchangeable, so a decision looks at each distinct
 * state once, and what a shape of demand would cost there is computed once. Ties go to the machine that was added first,
 * so that a replay comes out the same; which it is can move the result by points where costs are coarse.
 */
export class PackingMachines {
  readonly #machines = new Map<string, Machine>();
  readonly #states = new Map<string, State>();
  /** Numbers of shapes of demand: an array for each state is read ten times faster than a map. */
  readonly #shapes = new Map<string, number>();
  readonly #policy: PackingPolicy;
  #nextRank = 0;

  constructor(policy: PackingPolicy) {
    this.#policy = policy;
  }

  /** Distinct states among all machines. */
  get stateCount(): number {
    return this.#states.size;
  }

  add(machine: string, capacity: Capacity): void {
    if (this.#machines.has(machine)) throw new Error(`machine ${machine} is here already`);
    this.#enter({ name: machine, rank: this.#nextRank++, capacity });
  }

  remove(machine: string): void {
    this.#leave(machine);
    this.#machines.delete(machine);
  }

  capacityOf(machine: string): Capacity | undefined {
    return this.#machines.get(machine)?.capacity;
  }

  /** Notes that a demand has come, once for each, placed or not: policies learn from it what else will come. */
  arrived(demand: Demand): void {
    if (this.#policy.learn(demand)) this.#forget();
  }

  /** Takes the cheapest place among the machines that `allowed` lets through: what fits anywhere is placed. */
  place(demand: Demand, allowed: (machine: string) => boolean = () => true): Placed | "no-room" {
    const shape = this.#shapeOf(demand);
    let best: { machine: Machine; option: Option } | undefined;
    for (const state of this.#states.values()) {
      const option = (state.options[shape] ??= this.#bestOption(state, demand));
      if (option === "none" || (best !== undefined && option.cost > best.option.cost)) continue;
      const machine = state.machines.find(({ name }) => allowed(name));
      if (machine === undefined) continue;
      if (best === undefined || option.cost < best.option.cost || machine.rank < best.machine.rank)
        best = { machine, option };
    }
    if (best === undefined) return "no-room";
    const machine = this.#leave(best.machine.name);
    const placement = { demand, cards: cardsOn(machine.capacity, best.option.freeOfCards) };
    this.#enter({ ...machine, capacity: afterPlacement(machine.capacity, placement) });
    return { machine: machine.name, placement };
  }

  /** Gives back what `place` took. */
  free({ machine: name, placement }: Placed): void {
    const machine = this.#leave(name);
    this.#enter({ ...machine, capacity: afterPlacement(machine.capacity, placement, 1) });
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

  #enter(machine: Machine): void {
    const key = capacityKey(machine.capacity);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = { capacity: machine.capacity, machines: [], badness: undefined, options: [] };
      this.#states.set(key, state);
    }
    state.machines.splice(placeOf(state.machines, machine.rank), 0, machine);
    this.#machines.set(machine.name, machine);
  }

  #leave(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Error(`machine ${name} is not here`);
    const key = capacityKey(machine.capacity);
    const state = this.#states.get(key);
    state?.machines.splice(placeOf(state.machines, machine.rank), 1);
    if (state?.machines.length === 0) this.#states.delete(key);
    return machine;
  }
}

/** How many of `machines` have a smaller rank. */
function placeOf(machines: readonly Machine[], rank: number): number {
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
