import { type Capacity, type Demand, LearntPolicy, PackingMachines } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";

const share: Demand = { cpuMilli: 4000, memoryMib: 1000, gpus: 1, gpuMilli: 470 };
const cores: Demand = { cpuMilli: 12_000, memoryMib: 1000, gpus: 0, gpuMilli: 0 };
const machine = (own: Partial<Capacity>): Capacity => ({
  cpuMilli: 24_000,
  memoryMib: 100_000,
  gpusMilli: [1000, 1000],
  model: "T4",
  ...own,
});

function packing(machines: Record<string, Capacity>, ...seen: Demand[]): PackingMachines {
  const own = new PackingMachines(new LearntPolicy());
  for (const [rank, [name, capacity]] of Object.entries(machines).entries())
    own.put({ name, rank, floorPrice: 1, capacity });
  for (const demand of seen) own.arrived(demand);
  return own;
}

describe("the learnt policy", () => {
  it("fills the card that has begun rather than one that whole-card demands could have", () => {
    const whole: Demand = { ...share, gpuMilli: 1000 };
    const machines = { whole: machine({ gpusMilli: [1000] }), begun: machine({ gpusMilli: [500] }) };
    expect(packing(machines, share, whole).find(share)).toBe("begun");
  });

  it("keeps the card on which more of what comes would fit", () => {
    const small: Demand = { ...share, gpuMilli: 200 };
    const machines = { roomy: machine({ gpusMilli: [500] }), tight: machine({ gpusMilli: [400] }) };
    expect(packing(machines, share, small).find(small)).toBe("tight");
  });

  it("places what needs only cores where cards do not need them, long before any card is left without", () => {
    const machines = { scarce: machine({ cpuMilli: 16_000 }), plenty: machine({ cpuMilli: 96_000 }) };
    expect(packing(machines, share).find(cores)).toBe("plenty");
  });

  it("does so for memory too", () => {
    const large: Demand = { ...cores, cpuMilli: 100, memoryMib: 2000 };
    const machines = { scarce: machine({ memoryMib: 4000 }), plenty: machine({ memoryMib: 50_000 }) };
    expect(packing(machines, share).find(large)).toBe("plenty");
  });

  it("learns with the first demand for a card, then whenever a fifth more has come", () => {
    const policy = new LearntPolicy();
    const learnt = Array.from({ length: 20 }, (_, index) => (policy.learn(share) ? index + 1 : 0)).filter(
      (at) => at > 0,
    );
    expect(learnt).toEqual([1, 2, 3, 4, 5, 7, 9, 11, 14, 17]);
  });

  it("does not learn from what needs no card", () => {
    expect(new LearntPolicy().learn(cores)).toBe(false);
  });
});
