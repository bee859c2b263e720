import {
  afterPlacement,
  type Capacity,
  capacityKey,
  type Demand,
  LearntPolicy,
  PackingMachines,
  type PackingPolicy,
  type Placed,
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
const names = (machines: readonly Capacity[]) => machines.map((own, at): [string, Capacity] => [`m${at}`, own]);

function filled(machines: readonly Capacity[]) {
  const packing = new PackingMachines(policy);
  for (const [name, own] of names(machines)) packing.add(name, own);
  return packing;
}

/** What the cheapest placement costs by looking at every machine. */
function leastCost(packing: PackingMachines, machines: readonly Capacity[], wanted: Demand): number {
  const costs = names(machines).flatMap(([name]) => {
    const now = packing.capacityOf(name);
    return now === undefined
      ? []
      : placements(now, wanted).map((placement) => cost(now, afterPlacement(now, placement)));
  });
  return Math.min(...costs, Infinity);
}

/** Runs a history, looks after each step, and returns what is still placed. */
function live(packing: PackingMachines, steps: readonly (Demand | number)[], look: () => void): Placed[] {
  const placed: Placed[] = [];
  for (const step of steps) {
    if (typeof step === "number") {
      const [gone] = placed.splice(step, 1);
      if (gone !== undefined) packing.free(gone);
    } else {
      const outcome = packing.place(step);
      if (outcome !== "no-room") placed.push(outcome);
    }
    look();
  }
  return placed;
}

const sliver = (cpuMilli: number) => ({ cpuMilli, memoryMib: 1, gpus: 1, gpuMilli: 1 });
const sum = (all: readonly (readonly number[])[]) => all.flat().reduce((total, own) => total + own, 0);

describe("machines to pack", () => {
  it("never lend more than they have", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, (machines, steps) => {
        const packing = filled(machines);
        live(packing, steps, () => {
          for (const [name] of names(machines)) {
            const now = packing.capacityOf(name);
            expect(
              Math.min(now?.cpuMilli ?? -1, now?.memoryMib ?? -1, ...(now?.gpusMilli ?? [])),
            ).toBeGreaterThanOrEqual(0);
          }
        });
      }),
    );
  });

  it("are as before when everything has been given back", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, (machines, steps) => {
        const packing = filled(machines);
        for (const placed of live(packing, steps, () => undefined).toReversed()) packing.free(placed);
        for (const [name, own] of names(machines)) expect(packing.capacityOf(name)).toEqual(own);
        expect(packing.stateCount).toBe(new Set(machines.map(capacityKey)).size);
      }),
    );
  });

  it("take the place that looking at every machine would find", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), history, demand, (machines, steps, wanted) => {
        const packing = filled(machines);
        live(packing, steps, () => undefined);
        const least = leastCost(packing, machines, wanted);
        const before = new Map(names(machines).map(([name]) => [name, packing.capacityOf(name)]));
        const costOf = (machine: string) => {
          const [was, is] = [before.get(machine), packing.capacityOf(machine)];
          return was === undefined || is === undefined ? Number.NaN : cost(was, is);
        };
        const outcome = packing.place(wanted);
        const found = outcome === "no-room" ? Infinity : costOf(outcome.machine);
        expect(found === Infinity ? least === Infinity : Math.abs(found - least) < 1e-6).toBe(true);
      }),
    );
  });

  it("give a gang all of its cards on one machine or none", () => {
    fc.assert(
      fc.property(fc.array(capacity, { maxLength: 6 }), demand, (machines, wanted) => {
        const packing = filled(machines);
        const outcome = packing.place(wanted);
        const cards = outcome === "no-room" ? [] : outcome.placement.cards;
        const milli = () => names(machines).map(([name]) => packing.capacityOf(name)?.gpusMilli ?? []);
        expect(new Set(cards).size).toBe(outcome === "no-room" ? 0 : wanted.gpus);
        expect(sum(machines.map(({ gpusMilli }) => gpusMilli)) - sum(milli())).toBe(cards.length * wanted.gpuMilli);
      }),
    );
  });

  it("are passed over when they are not allowed", () => {
    const own = { cpuMilli: 4000, memoryMib: 4096, gpusMilli: [1000], model: "T4" };
    const packing = filled([own, own]);
    const wanted = { cpuMilli: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 300 };
    expect(packing.place(wanted, (machine) => machine !== "m0")).toMatchObject({ machine: "m1" });
    expect(packing.place(wanted, () => false)).toBe("no-room");
    expect(packing.stateCount).toBe(2);
  });

  it("are taken in the order in which they were added where costs are equal, also when one was away in between", () => {
    const flat: PackingPolicy = { learn: () => false, badness: () => 0, cost: () => 0 };
    const packing = new PackingMachines(flat);
    const own = { cpuMilli: 4000, memoryMib: 4096, gpusMilli: [1000], model: "T4" };
    packing.add("last by name", own);
    packing.add("first by name", { ...own, cpuMilli: 8000 });
    const half = { cpuMilli: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 500 };
    const placed = packing.place(half);
    expect(placed).toMatchObject({ machine: "last by name" });
    if (placed !== "no-room") packing.free(placed);
    expect(packing.place(half)).toMatchObject({ machine: "last by name" });
    packing.remove("last by name");
    packing.add("last by name", own);
    expect(packing.place(half)).toMatchObject({ machine: "first by name" });
  });

  it("are looked at anew when the policy has learnt", () => {
    let best = "T4";
    const turning: PackingPolicy = {
      learn: () => ((best = "P100"), true),
      badness: ({ model, gpusMilli }) => (model === best ? (gpusMilli[0] ?? 0) : 0),
      cost: (before, after) => after - before,
    };
    const packing = new PackingMachines(turning);
    for (const model of ["T4", "P100"])
      packing.add(model, { cpuMilli: 4000, memoryMib: 4096, gpusMilli: [1000], model });
    const half = { cpuMilli: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 500 };
    const placed = packing.place(half);
    expect(placed).toMatchObject({ machine: "T4" });
    if (placed !== "no-room") packing.free(placed);
    packing.arrived(half);
    expect(packing.place(half)).toMatchObject({ machine: "P100" });
  });

  it("forget what they knew of a shape when more than 256 have come", () => {
    const packing = new PackingMachines({ learn: () => false, badness: () => 0, cost: () => 0 });
    const room = { memoryMib: 4096, gpusMilli: [1000], model: "T4" };
    packing.add("small", { ...room, cpuMilli: 100 });
    packing.add("large", { ...room, cpuMilli: 1_000_000 });
    for (let cpuMilli = 1; cpuMilli <= 256; cpuMilli++) {
      expect(packing.place(sliver(cpuMilli), (machine) => machine === "large")).toMatchObject({ machine: "large" });
    }
    expect(packing.place(sliver(257), (machine) => machine === "small")).toBe("no-room");
  });

  it("are none twice, and none that is not here can be removed", () => {
    const own = { cpuMilli: 4000, memoryMib: 4096, gpusMilli: [], model: "" };
    const packing = filled([own]);
    expect(() => packing.add("m0", own)).toThrow("machine m0 is here already");
    expect(() => packing.remove("m1")).toThrow("machine m1 is not here");
  });
});
