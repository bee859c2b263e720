import { type Capacity, type Demand, PackingMachines, type PlacementCost } from "@aegis-pool/core";
import { seededRandom, shuffled } from "../random.js";

/** Arrivals go on until they ask for this much of all cards. */
const arrivalRatio = 1.3;

/**
 * What comes until 1.3 times the cards there are have been asked for: all of the trace once in an order that the seed
 * decides, then draws with replacement, as the simulator of FGD's authors tunes its workload up.
 */
export function arrivals(demands: readonly Demand[], gpuMilli: number, seed: number): Demand[] {
  const random = seededRandom(seed);
  const waiting = shuffled(demands, random);
  const come: Demand[] = [];
  for (let asked = 0; asked < arrivalRatio * gpuMilli;) {
    const demand = waiting.pop() ?? demands[Math.floor(random() * demands.length)];
    if (demand === undefined) break;
    come.push(demand);
    asked += demand.gpus * demand.gpuMilli;
  }
  return come;
}

/** The part of all cards that is lent after all have come and none has gone; what does not fit is dropped. */
export function lentPart(nodes: readonly Capacity[], drawn: readonly Demand[], cost: PlacementCost): number {
  const machines = new PackingMachines(cost);
  for (const [at, node] of nodes.entries()) machines.add(`node-${at}`, node);
  let lent = 0;
  for (const demand of drawn) if (machines.place(demand) !== "no-room") lent += demand.gpus * demand.gpuMilli;
  return lent / totalMilli(nodes);
}

export function totalMilli(nodes: readonly Capacity[]): number {
  return nodes.reduce((sum, { gpusMilli }) => sum + gpusMilli.length * 1000, 0);
}
