import {
  type Capacity,
  type Demand,
  fragmentMilli,
  type PopularDemand,
  prepareMix,
  unsupportedMilli,
} from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const machine: Capacity = { cpuMilli: 6000, memoryMib: 9000, gpusMilli: [1000, 600, 300], model: "T4" };
const demand = (part: number, own: Partial<Demand>): PopularDemand => ({
  part,
  demand: { cpuMilli: 2000, memoryMib: 1000, gpus: 1, gpuMilli: 500, ...own },
});
const fragments = (...mix: PopularDemand[]) => fragmentMilli(machine, prepareMix(mix));
const unsupported = (own: Partial<Capacity>, ...mix: PopularDemand[]) =>
  unsupportedMilli({ ...machine, ...own }, prepareMix(mix));

const anyMix = fc
  .array(
    fc.record({
      weight: fc.integer({ min: 1, max: 9 }),
      cpuMilli: fc.nat({ max: 9000 }),
      memoryMib: fc.nat({ max: 12_000 }),
      gpus: fc.nat({ max: 3 }),
      gpuMilli: fc.integer({ min: 1, max: 1000 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((shapes) => {
    const total = shapes.reduce((sum, { weight }) => sum + weight, 0);
    return shapes.map(({ weight, gpuMilli, ...own }): PopularDemand => {
      const milli = own.gpus === 0 ? 0 : own.gpus === 1 ? gpuMilli : 1000;
      return { part: weight / total, demand: { ...own, gpuMilli: milli } };
    });
  });

describe("fragments of a machine", () => {
  it("are what is free on the cards too small for a demand that fits", () => {
    expect(fragments(demand(1, { gpuMilli: 500 }))).toBe(300);
    expect(fragments(demand(1, { gpuMilli: 1000 }))).toBe(900);
  });

  it("are all that is free where cores, memory, cards or the model fail, or where no card is wanted", () => {
    for (const own of [{ cpuMilli: 6001 }, { memoryMib: 9001 }, { gpus: 2, gpuMilli: 1000 }, { models: ["P100"] }])
      expect(fragments(demand(1, own))).toBe(1900);
    expect(fragments(demand(1, { gpus: 0, gpuMilli: 0 }))).toBe(1900);
  });

  it("count by how often each demand comes", () => {
    expect(fragments(demand(0.75, {}), demand(0.25, { cpuMilli: 7000 }))).toBeCloseTo(0.75 * 300 + 0.25 * 1900, 9);
  });

  it("are never more than what is free, and never less than nothing", () => {
    fc.assert(
      fc.property(anyMix, (mix) => {
        const milli = fragments(...mix);
        expect(milli).toBeGreaterThanOrEqual(0);
        expect(milli).toBeLessThanOrEqual(1900 + 1e-6);
      }),
    );
  });
});

describe("what cores and memory do not support", () => {
  it("is what is free beyond what they last for at the mix's proportions", () => {
    // 4 cores and 2,000 MiB for each whole card: 6 cores last for 1.5 cards of the 1.9
    expect(unsupported({}, demand(1, {}))).toBeCloseTo(400, 9);
    expect(unsupported({ memoryMib: 1000 }, demand(1, {}))).toBeCloseTo(1400, 9);
    expect(unsupported({ cpuMilli: 60_000 }, demand(1, {}))).toBe(0);
  });

  it("weighs demands by how often they come, and leaves out those that want no card", () => {
    const heavy = demand(0.25, { cpuMilli: 6000, gpuMilli: 1000 });
    // (0.75 x 2 + 0.25 x 6) cores for 0.75 x 0.5 + 0.25 x 1 cards: 4.8 a card
    expect(unsupported({}, demand(0.75, {}), heavy)).toBeCloseTo(1900 - 6000 / 4.8, 9);
    expect(unsupported({}, demand(0.4, { gpus: 0, gpuMilli: 0, cpuMilli: 6000 }), demand(0.6, {}))).toBeCloseTo(400, 9);
  });

  it("is nothing before anything has come", () => {
    expect(unsupported({ cpuMilli: 0 })).toBe(0);
  });
});
