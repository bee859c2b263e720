import { type Demand, SeenDemands } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const shape = (cpuMilli: number): Demand => ({ cpuMilli, memoryMib: 64, gpus: 1, gpuMilli: 250 });

function seen(...cores: number[]): SeenDemands {
  const demands = new SeenDemands();
  for (const own of cores) demands.add(shape(own));
  return demands;
}

describe("demands seen", () => {
  it("are told with the part of all that each makes up, the commonest first", () => {
    expect(seen(3, 5, 5, 7, 5).commonest()).toEqual([
      { demand: shape(5), part: 3 / 5 },
      { demand: shape(3), part: 1 / 5 },
      { demand: shape(7), part: 1 / 5 },
    ]);
    expect(seen().commonest()).toEqual([]);
  });

  it("are told down to the part that is asked for, as parts of what is told", () => {
    expect(seen(3, 5, 5, 7, 5, 3).commonest(0.8)).toEqual([
      { demand: shape(5), part: 3 / 5 },
      { demand: shape(3), part: 2 / 5 },
    ]);
  });

  it("are parts of one whole, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 2000 }), (cores) => {
        const parts = seen(...cores).commonest();
        expect(parts.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 30 },
    );
  });

  it("are 256 shapes at most: one that comes once makes no room for itself among the common ones", () => {
    const demands = seen(3, 3, 5, 5);
    for (let cpuMilli = 1000; cpuMilli < 3000; cpuMilli++) demands.add(shape(cpuMilli));
    const told = demands.commonest();
    expect(told).toHaveLength(256);
    expect(told.slice(0, 2).map(({ demand }) => demand)).toEqual([shape(3), shape(5)]);
    expect(demands.total).toBe(4 + 254);
  });

  it("weigh half after 65,536 arrivals, so that what comes now is heard", () => {
    const demands = new SeenDemands();
    for (let time = 0; time < 65_536; time++) demands.add(shape(3));
    expect(demands.total).toBe(32_768);
    for (let time = 0; time < 16_384; time++) demands.add(shape(5));
    expect(demands.commonest()).toEqual([
      { demand: shape(3), part: 2 / 3 },
      { demand: shape(5), part: 1 / 3 },
    ]);
  });
});
