import { type Capacity, type Demand, PackingMachines, type PackingPolicy } from "@aegis-pool/core";
import { seededRandom, shuffled } from "../random.js";

/** Arrivals go on until they ask for this much of all cards. */
const arrivalRatio = 1.3;
/** Points of a curve for as many arrivals as ask for all cards once. */
export const pointsPerCapacity = 100;

/** One replay of the trace. */
export interface Replay {
  /** Percent of all cards unallocated when arrivals have asked for 0, 1, 2 ... percent of them; the last point is the figure. */
  readonly curve: readonly number[];
  readonly decisionsPerSecond: number;
}

/**
 * What comes until 1.3 times the cards there are have been asked for: all of the trace once in an order that the seed
 * decides, then draws with replacement, as the simulator of FGD's authors tunes its workload up.
 */
export function arrivals(trace: readonly Demand[], gpuMilli: number, seed: number): Demand[] {
  const random = seededRandom(seed);
  const waiting = shuffled(trace, random);
  const come: Demand[] = [];
  for (let asked = 0; asked < arrivalRatio * gpuMilli;) {
    const demand = waiting.pop() ?? trace[Math.floor(random() * trace.length)];
    if (demand === undefined) break;
    come.push(demand);
    asked += demand.gpus * demand.gpuMilli;
  }
  return come;
}

/** Places all that come, one after another; none goes, and what does not fit is dropped. */
export function replay(nodes: readonly Capacity[], come: readonly Demand[], policy: PackingPolicy): Replay {
  const machines = new PackingMachines(policy);
  for (const [at, node] of nodes.entries()) machines.add(`node-${at}`, node);
  const total = totalMilli(nodes);
  const curve: number[] = [];
  let [asked, lent] = [0, 0];
  const unallocated = () => 100 - (100 * lent) / total;
  const started = performance.now();
  for (const demand of come) {
    for (; curve.length * total <= asked * pointsPerCapacity;) curve.push(unallocated());
    machines.arrived(demand);
    if (machines.place(demand) !== "no-room") lent += demand.gpus * demand.gpuMilli;
    asked += demand.gpus * demand.gpuMilli;
  }
  const decisionsPerSecond = (1000 * come.length) / (performance.now() - started);
  return { curve: [...curve, unallocated()], decisionsPerSecond };
}

export function totalMilli(nodes: readonly Capacity[]): number {
  return nodes.reduce((sum, { gpusMilli }) => sum + gpusMilli.length * 1000, 0);
}
