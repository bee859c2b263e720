import {
  afterPlacement,
  type Capacity,
  capacityKey,
  type Demand,
  LearntPolicy,
  PackingMachines,
  type PackingPolicy,
  placements,
} from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const capacity: fc.Arbitrary<Capacity> = fc.record({
  cpuMilli: fc.integer({ min: 0, max: 16 }).map((cores) => cores * 1000),
  memoryMib: fc.integer({ min: 0, max: 8 }).map((gib) => gib * 1024),
  gpusMilli: fc.array(fc.constantFrom(300, 700, 1000), { maxLength: 4 }),
  model: fc.constantFrom("T4", "P100"),
});
const part = fc.record({ gpus: fc.constant(1), gpuMilli: fc.constantFrom(200, 350, 500) });
const whole = fc.record({ gpus: fc.integer({ min: 1, max: 3 }), gpuMilli: fc.constant(1000) });
const none = fc.constant({ gpus: 0, gpuMilli: 0 });
const demand: fc.Arbitrary<Demand> = fc
  .tuple(
    fc.oneof(part, whole, none),
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom(undefined, ["T4"], ["T4", "P100"]),
  )
  .map(([cards, size, models]) => ({
    ...cards,
    cpuMilli: size * 1500,
    memoryMib: size * 700,
    ...(models !== undefined && { models }),
  }));
/** A demand to place, or which of the placed ones to give back. */
const history = fc.array(fc.oneof(demand, fc.nat({ max: 20 })), { maxLength: 40 });

/** A policy that has seen some demands and learns no more: what its costs are can be computed beside it. */
const policy: PackingPolicy = (() => {
  const learnt = new LearntPolicy();
  learnt.learn({ cpuMilli: 1500, memoryMib: 700, gpus: 1, gpuMilli: 500 });
  for (let time = 0; time < 3; time++) learnt.learn({ cpuMilli: 3000, memoryMib: 1400, gpus: 2, gpuMilli: 1000 });
  return {
    learn: () => false,
    badness: (own) => learnt.badness(own),
    cost: (before, after) => learnt.cost(before, after),
  };
})();
const cost = (before: Capacity, after: Capacity) => policy.cost(policy.badness(before), policy.badness(after));

/** Machines that a test places demands on, and takes them back from. */
class Yard {
  readonly packing: PackingMachines;
  readonly #capacities = new Map<string, Capacity>();
  readonly #ranks = new Map<string, number>();

  constructor(machines: readonly (readonly [name: string, own: Capacity, floorPrice?: number])[], own = policy) {
    this.packing = new PackingMachines(own);
    for (const [name, has, floorPrice = 1] of machines) {
      this.#ranks.set(name, this.#ranks.size);
      this.set(name, has, floorPrice);
    }
  }

  static of(machines: readonly Capacity[]): Yard {
    return new Yard(machines.map((own, at) => [`m${at}`, own] as const));
  }

  get capacities(): ReadonlyMap<string, Capacity> {
    return this.#capacities;
  }

  set(name: string, has: Capacity, floorPrice = 1): void {
    this.#capacities.set(name, has);
    this.packing.put({ name, rank: this.#ranks.get(name) ?? 0, floorPrice, capacity: has });
  }

  /** The machine that the demand was placed on. */
  place(wanted: Demand, allowed?: (name: string) => boolean): string | undefined {
    const name = this.packing.find(wanted, allowed);
    const after = name && this.packing.capacityAfter(name, wanted);
    if (after) this.set(name, after);
    return name;
  }

  /** Runs a history and looks after each step. */
  live(steps: readonly (Demand | number)[], look: () => void = () => undefined): void {
    const before: [string, Capacity][] = [];
    for (const step of steps) {
      const name = typeof step === "number" ? undefined : this.packing.find(step);
      if (name !== undefined) before.push([name, this.#capacities.get(name) ?? bare]);
      if (typeof step !== "number") this.place(step);
      // all that was placed on some machine since goes with it
      const gone = typeof step === "number" ? before.splice(step % (before.length + 1), 1)[0] : undefined;
      if (gone) this.set(...gone);
      look();
    }
  }

  /** What the cheapest placement costs by looking at every machine. */
  leastCost(wanted: Demand): number {
    const costs = [...this.#capacities.values()].flatMap((now) =>
      placements(now, wanted).map((placement) => cost(now, afterPlacement(now, placement))),
    );
    return Math.min(...costs, Infinity);
  }
}

const bare: Capacity = { cpuMilli: 0, memoryMib: 0, gpusMilli: [], model: "" };
const room: Capacity = { cpuMilli: 4000, memoryMib: 4096, gpusMilli: [1000], model: "T4" };
const half: Demand = { cpuMilli: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 500 };
const flat: PackingPolicy = { learn: () => false, badness: () => 0, cost: () => 0 };
const sliver = (cpuMilli: number) => ({ cpuMilli, memoryMib: 1, gpus: 1, gpuMilli: 1 });
const freeCards = (yard: Yard) =>
  [...yard.capacities.values()].flatMap(({ gpusMilli }) => gpusMilli).reduce((sum, milli) => sum + milli, 0);

describe("machines to pack", () => {
  it("never lend more than they have", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, (machines, steps) => {
        const yard = Yard.of(machines);
        yard.live(steps, () => {
          for (const { cpuMilli, memoryMib, gpusMilli } of yard.capacities.values())
            expect(Math.min(cpuMilli, memoryMib, ...gpusMilli)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });

  it("are one entry for all that ask the same and have the same free, and none when they are gone", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, (machines, steps) => {
        const yard = Yard.of(machines);
        yard.live(steps);
        expect(yard.packing.stateCount).toBe(new Set([...yard.capacities.values()].map(capacityKey)).size);
        for (const name of yard.capacities.keys()) yard.packing.remove(name);
        expect(yard.packing.isEmpty).toBe(true);
      }),
    );
  });

  it("are taken where looking at every one would find the cheapest place", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, demand, (machines, steps, wanted) => {
        const yard = Yard.of(machines);
        yard.live(steps);
        const least = yard.leastCost(wanted);
        const before = new Map(yard.capacities);
        const name = yard.place(wanted);
        const [was, is] = [before.get(name ?? ""), yard.capacities.get(name ?? "")];
        const found = was && is ? cost(was, is) : Infinity;
        expect(found === Infinity ? least === Infinity : Math.abs(found - least) < 1e-6).toBe(true);
      }),
    );
  });

  it("give all cards that are asked for on one machine, or none", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), demand, (machines, wanted) => {
        const yard = Yard.of(machines);
        const before = freeCards(yard);
        const taken = yard.place(wanted) === undefined ? 0 : wanted.gpus * wanted.gpuMilli;
        expect(before - freeCards(yard)).toBe(taken);
      }),
    );
  });

  it("are passed over when they are not allowed", () => {
    const yard = Yard.of([room, room]);
    expect(yard.place(half, (name) => name !== "m0")).toBe("m1");
    expect(yard.place(half, () => false)).toBeUndefined();
    expect(yard.packing.stateCount).toBe(2);
  });

  it("that ask less come first, whatever a place there strands", () => {
    const yard = new Yard([
      ["dear", { ...room, gpusMilli: [500] }, 2],
      ["cheap", room, 1],
    ]);
    expect(yard.place(half)).toBe("cheap");
  });

  it("are taken by rank where costs are equal, also when one was away in between", () => {
    const yard = new Yard(
      [
        ["last by name", room],
        ["first by name", { ...room, cpuMilli: 8000 }],
      ],
      flat,
    );
    expect(yard.packing.find(half)).toBe("last by name");
    yard.packing.remove("last by name");
    expect(yard.packing.find(half)).toBe("first by name");
    yard.set("last by name", room);
    expect(yard.packing.find(half)).toBe("last by name");
  });

  it("are looked at anew when the policy has learnt", () => {
    let best = "T4";
    const turning: PackingPolicy = {
      learn: () => ((best = "P100"), true),
      badness: ({ model, gpusMilli }) => (model === best ? (gpusMilli[0] ?? 0) : 0),
      cost: (before, after) => after - before,
    };
    const models = ["T4", "P100"].map((model) => [model, { ...room, model }] as const);
    const { packing } = new Yard(models, turning);
    expect(packing.find(half)).toBe("T4");
    packing.arrived(half);
    expect(packing.find(half)).toBe("P100");
  });

  it("forget what they knew of a shape when more than 256 have come", () => {
    const { packing } = new Yard(
      [
        ["small", { ...room, cpuMilli: 100 }],
        ["large", { ...room, cpuMilli: 1_000_000 }],
      ],
      flat,
    );
    for (let cpuMilli = 1; cpuMilli <= 256; cpuMilli++)
      expect(packing.find(sliver(cpuMilli), (name) => name === "large")).toBe("large");
    expect(packing.find(sliver(257), (name) => name === "small")).toBeUndefined();
  });

  it("that are not here have no place, and to take one away twice changes nothing", () => {
    const { packing } = Yard.of([room]);
    packing.remove("m1");
    packing.remove("m0");
    packing.remove("m0");
    expect(packing.capacityAfter("m0", half)).toBeUndefined();
    expect(packing.find(half)).toBeUndefined();
  });
});
