import {
  type AgentTerms,
  type Capacity,
  type Demand,
  demandKey,
  Matching,
  type PackingPolicy,
  type TaskGroup,
} from "@aegis-pool/core";
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

/** Has the market place all that come, one after another; none goes, and what does not fit is dropped. */
export function replay(nodes: readonly Capacity[], come: readonly Demand[], policy: PackingPolicy): Replay {
  const market = marketOf(nodes, policy);
  const total = totalMilli(nodes);
  const curve: number[] = [];
  let [asked, lent] = [0, 0];
  const unallocated = () => 100 - (100 * lent) / total;
  const started = performance.now();
  for (const [number, demand] of come.entries()) {
    for (; curve.length * total <= asked * pointsPerCapacity;) curve.push(unallocated());
    const group = groupFor(demand);
    market.wait(group, { number, age: number, returned: false });
    if (market.decide(0).length > 0) lent += demand.gpus * demand.gpuMilli;
    else market.leave(group.id, number);
    asked += demand.gpus * demand.gpuMilli;
  }
  const decisionsPerSecond = (1000 * come.length) / (performance.now() - started);
  return { curve: [...curve, unallocated()], decisionsPerSecond };
}

export function totalMilli(nodes: readonly Capacity[]): number {
  return nodes.reduce((sum, { gpusMilli }) => sum + gpusMilli.length * 1000, 0);
}

/** A market of agents that each lend one machine of the trace in parts, all at the same price. */
function marketOf(nodes: readonly Capacity[], policy: PackingPolicy): Matching {
  const market = new Matching(policy);
  for (const [at, parts] of nodes.entries()) {
    const offer: AgentTerms["offer"] = { class: "webgpu", engines: ["webgpu"], slots: 1, memoryBytes: 0 };
    const agent = `node-${at}`;
    market.addAgent({ agent, operator: agent, isBonded: false, proven: undefined, offer, parts, floorPrice: 1 });
    market.setRoom(agent, 0, 0, parts);
  }
  market.openJob("trace");
  return market;
}

/** What asks for the same is alike to the market. */
function groupFor(part: Demand): TaskGroup {
  return {
    id: demandKey(part),
    job: "trace",
    engine: "webgpu",
    memoryBytes: 0,
    part,
    cardBytes: 0,
    gangSize: 1,
    isForBonded: false,
    attestation: undefined,
    bars: undefined,
    isNovice: undefined,
    maxPrice: 1,
    operators: undefined,
    excludedOperators: new Set(),
    refused: new Set(),
    shared: undefined,
  };
}
