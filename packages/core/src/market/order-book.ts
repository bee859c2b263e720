/** How much is offered, or asked for, at one price in nAIS per SCU-second. */
export interface Level {
  readonly price: number;
  readonly count: number;
}

/** Levels that a book shows of each side; the rest is summed up in none of them. */
export const shownLevels = 20;

/** Entries summed by price, those that are served first at the front: `"lowest"` for offers, `"highest"` for bids. */
export function levelsOf(entries: Iterable<Level>, first: "lowest" | "highest"): Level[] {
  const counts = new Map<number, number>();
  for (const { price, count } of entries) counts.set(price, (counts.get(price) ?? 0) + count);
  const levels = [...counts].map(([price, count]) => ({ price, count }));
  const sign = first === "lowest" ? 1 : -1;
  return levels.toSorted((a, b) => sign * (a.price - b.price)).slice(0, shownLevels);
}

/** Prices that are remembered. */
const remembered = 500;

/** The prices of the last leases. */
export class LastPrices {
  readonly #prices: number[] = [];

  add(price: number): void {
    this.#prices.push(price);
    if (this.#prices.length > remembered) this.#prices.shift();
  }

  get count(): number {
    return this.#prices.length;
  }

  /** The price that `part` (0 to 1) of the last leases did not exceed; undefined where there were none. */
  quantile(part: number): number | undefined {
    const sorted = this.#prices.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  }
}

/** One class of devices, as both sides see it. */
export interface OrderBook {
  /** Free slots by floor price, the lowest first. */
  readonly offers: readonly Level[];
  /** Waiting tasks by top price, the highest first. */
  readonly bids: readonly Level[];
  /** Of the last leases: nine tenths of them were no dearer than `high`. */
  readonly last: { readonly count: number; readonly median: number; readonly high: number } | undefined;
}

/** What to ask and what to bid, in nAIS per SCU-second. */
export interface SuggestedPrices {
  readonly floor: number;
  readonly top: number;
}

/**
 * A floor that finds work, and a top price that finds a machine soon. The rule of prices makes a high top price harmless: it buys
 * a place in the order, and what is paid is what the next task in line would have paid. A floor
 * is paid as it is asked where nobody is in line, so it is best at what others are paid.
 */
export function suggestPrices({ offers, bids, last }: OrderBook, usual: SuggestedPrices): SuggestedPrices {
  const lowestOffer = offers[0]?.price;
  const highestBid = bids[0]?.price;
  const floor = last?.median ?? usual.floor;
  const toBeServed = Math.max(lowestOffer ?? 0, highestBid === undefined ? 0 : highestBid + 1);
  return {
    floor: lowestOffer === undefined ? floor : Math.min(floor, lowestOffer),
    top: Math.max(usual.top, last?.high ?? 0, toBeServed),
  };
}
