import { type Demand, demandKey } from "./capacity.js";

/** A demand and the part of all arrivals that it makes up, 0 to 1. */
export interface PopularDemand {
  readonly demand: Demand;
  readonly part: number;
}

/** Shapes counted at once; a new one takes the place of the rarest. */
const mostShapes = 256;
/** Arrivals counted before all counts are halved, so that what came long ago weighs less. */
const mostArrivals = 65_536;

/** What has come so far, by shape; its memory is bounded whatever comes. */
export class SeenDemands {
  readonly #seen = new Map<string, { readonly demand: Demand; count: number }>();
  #total = 0;

  /** Arrivals counted, those long ago for less than one. */
  get total(): number {
    return this.#total;
  }

  add(demand: Demand): void {
    const key = demandKey(demand);
    const entry = this.#seen.get(key);
    if (entry === undefined && this.#seen.size >= mostShapes) this.#dropRarest();
    if (entry === undefined) this.#seen.set(key, { demand, count: 1 });
    else entry.count += 1;
    this.#total += 1;
    if (this.#total >= mostArrivals) this.#halve();
  }

  /** The commonest shapes that together make up `part` of what has come, ties by first seen; empty before anything has. */
  commonest(part = 1): PopularDemand[] {
    const kept: { demand: Demand; count: number }[] = [];
    let total = 0;
    for (const entry of [...this.#seen.values()].toSorted((one, other) => other.count - one.count)) {
      if (total >= part * this.#total) break;
      kept.push(entry);
      total += entry.count;
    }
    return kept.map(({ demand, count }) => ({ demand, part: count / total }));
  }

  #dropRarest(): void {
    let rarest: { key: string; count: number } | undefined;
    for (const [key, { count }] of this.#seen)
      if (rarest === undefined || count < rarest.count) rarest = { key, count };
    if (rarest === undefined) return;
    this.#seen.delete(rarest.key);
    this.#total -= rarest.count;
  }

  #halve(): void {
    for (const entry of this.#seen.values()) entry.count /= 2;
    this.#total /= 2;
  }
}
