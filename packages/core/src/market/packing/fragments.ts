import { type Capacity, freeGpuMilli, suits } from "./capacity.js";
import type { PopularDemand } from "./mix.js";

/** Shapes that ask for as much of a card. */
interface Level {
  readonly gpuMilli: number;
  readonly shapes: readonly PopularDemand[];
}

/** A mix of demands, made ready to be held against many machines. */
export interface PreparedMix {
  readonly levels: readonly Level[];
  /** What a whole card's worth of these demands asks for besides, on the average; 0 without demands for cards. */
  readonly cpuMilliPerCard: number;
  readonly memoryMibPerCard: number;
}

/** Groups a mix by how much of a card is asked for, so that a machine's cards are looked at once for each. */
export function prepareMix(mix: readonly PopularDemand[]): PreparedMix {
  const levels = new Map<number, PopularDemand[]>();
  let [cards, cpuMilli, memoryMib] = [0, 0, 0];
  for (const shape of mix) {
    const { demand, part } = shape;
    const level = levels.get(demand.gpuMilli);
    if (level === undefined) levels.set(demand.gpuMilli, [shape]);
    else level.push(shape);
    if (demand.gpus === 0) continue;
    cards += (part * demand.gpus * demand.gpuMilli) / 1000;
    cpuMilli += part * demand.cpuMilli;
    memoryMib += part * demand.memoryMib;
  }
  return {
    levels: [...levels].map(([gpuMilli, shapes]) => ({ gpuMilli, shapes })),
    cpuMilliPerCard: cards === 0 ? 0 : cpuMilli / cards,
    memoryMibPerCard: cards === 0 ? 0 : memoryMib / cards,
  };
}

/**
 * Fragmentation after Weng et al., "Beware of Fragmentation" (USENIX ATC 2023, section 3): free milli-GPU that a demand
 * drawn from the mix could not use, on the average. A demand that does not fit, or wants no card, could use none.
 */
export function fragmentMilli(capacity: Capacity, { levels }: PreparedMix): number {
  const free = freeGpuMilli(capacity);
  let sum = 0;
  for (const { gpuMilli, shapes } of levels) {
    let [cards, tooSmall] = [0, 0];
    for (const milli of capacity.gpusMilli) {
      if (milli >= gpuMilli) cards += 1;
      else tooSmall += milli;
    }
    for (const { demand, part } of shapes) {
      const fits = demand.gpus > 0 && demand.gpus <= cards && suits(capacity, demand);
      sum += part * (fits ? tooSmall : free);
    }
  }
  return sum;
}

/**
 * Free milli-GPU for which cores or memory would run out if demands went on coming in the mix's proportions. It is known
 * from the first placement on, where a demand's failing to fit is known only when nothing can be done about it.
 */
export function unsupportedMilli(capacity: Capacity, { cpuMilliPerCard, memoryMibPerCard }: PreparedMix): number {
  const byCpu = cpuMilliPerCard === 0 ? Infinity : (1000 * capacity.cpuMilli) / cpuMilliPerCard;
  const byMemory = memoryMibPerCard === 0 ? Infinity : (1000 * capacity.memoryMib) / memoryMibPerCard;
  return Math.max(0, freeGpuMilli(capacity) - Math.min(byCpu, byMemory));
}
