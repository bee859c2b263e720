/** What a machine has free. */
export interface Capacity {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Free thousandths of each card, 0 to 1000. */
  readonly gpusMilli: readonly number[];
  readonly model: string;
}

/** What a task asks of one machine. */
export interface Demand {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Cards: all of one machine, or none. */
  readonly gpus: number;
  /** Thousandths of each card: 1 to 1000; below 1000 for one card only; 0 without cards. */
  readonly gpuMilli: number;
  /** Models that will do; without it, any. */
  readonly models?: readonly string[];
}

/** Where a demand lies on a machine: the cards by their places in `gpusMilli`. */
export interface Placement {
  readonly demand: Demand;
  readonly cards: readonly number[];
}

/** A name that equal demands share. */
export function demandKey({ cpuMilli, memoryMib, gpus, gpuMilli, models }: Demand): string {
  return `${cpuMilli}/${memoryMib}/${gpus}x${gpuMilli}/${models === undefined ? "" : models.toSorted().join("|")}`;
}

/** A name that machines share which are interchangeable: the order of their cards does not count. */
export function capacityKey({ cpuMilli, memoryMib, gpusMilli, model }: Capacity): string {
  return `${cpuMilli}/${memoryMib}/${gpusMilli.toSorted((a, b) => a - b).join(",")}/${model}`;
}

export function freeGpuMilli({ gpusMilli }: Capacity): number {
  return gpusMilli.reduce((sum, milli) => sum + milli, 0);
}

/** Every way of placing `demand` that differs in what is left; empty if it does not fit. */
export function placements(capacity: Capacity, demand: Demand): Placement[] {
  if (!suits(capacity, demand)) return [];
  const { gpusMilli } = capacity;
  const fitting = [...gpusMilli.keys()].filter((card) => (gpusMilli[card] ?? 0) >= demand.gpuMilli);
  if (fitting.length < demand.gpus) return [];
  if (demand.gpus !== 1) return [{ demand, cards: fitting.slice(0, demand.gpus) }];
  const distinct = new Map(fitting.toReversed().map((card) => [gpusMilli[card], card]));
  return [...distinct.values()].toSorted((a, b) => a - b).map((card) => ({ demand, cards: [card] }));
}

/** What is free when `placement` has been taken. */
export function afterPlacement(capacity: Capacity, { demand, cards }: Placement): Capacity {
  return {
    model: capacity.model,
    cpuMilli: capacity.cpuMilli - demand.cpuMilli,
    memoryMib: capacity.memoryMib - demand.memoryMib,
    gpusMilli: capacity.gpusMilli.map((milli, card) => milli - (cards.includes(card) ? demand.gpuMilli : 0)),
  };
}

/** Whether `demand` has a place there. */
export function hasPlace(capacity: Capacity, demand: Demand): boolean {
  if (!suits(capacity, demand)) return false;
  let cards = 0;
  for (const milli of capacity.gpusMilli) if (milli >= demand.gpuMilli) cards++;
  return cards >= demand.gpus;
}

/** Whether cores, memory and model would do; cards are not looked at. */
export function suits({ cpuMilli, memoryMib, model }: Capacity, demand: Demand): boolean {
  if (demand.cpuMilli > cpuMilli || demand.memoryMib > memoryMib) return false;
  return demand.gpus === 0 || demand.models === undefined || demand.models.includes(model);
}
