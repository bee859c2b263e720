import {
  type Demand,
  fragmentMilli,
  freeGpuMilli,
  type PackingPolicy,
  prepareMix,
  SeenDemands,
} from "@aegis-pool/core";

/**
 * Best fit as FGD's authors run it: what is left of the largest machine, cores and cards weighing alike, cut off to a
 * whole score of 0 to 100. Ties go to the machine that comes first.
 */
export const bestFit: PackingPolicy = {
  learn: () => false,
  badness: (capacity) => (capacity.cpuMilli / 128_000 + freeGpuMilli(capacity) / 8000) / 2,
  cost: (_before, after) => -Math.floor(100 * (1 - after)),
};

/**
 * Fragmentation gradient descent as its authors run it (hkust-adsl/kubernetes-scheduler-simulator): the mix is known in
 * advance from the whole trace, its commonest 95%; memory does not count; the score is squashed by a sigmoid and cut off
 * to a whole number of 0 to 100, so that many placements are equal; ties go to the machine that comes first.
 */
export function fgd(trace: readonly Demand[]): PackingPolicy {
  const seen = new SeenDemands();
  for (const demand of trace) seen.add({ ...demand, memoryMib: 0 });
  const mix = prepareMix(seen.commonest(0.95));
  return {
    learn: () => false,
    badness: (capacity) => fragmentMilli(capacity, mix),
    cost: (before, after) => -Math.floor(100 / (1 + Math.exp((after - before) / 1000))),
  };
}
