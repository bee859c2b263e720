import { type AgentNow, freeGpuMilli, type OrderBook, engineClasses, levelsOf, type LentClass } from "@aegis-pool/core";
import type { MarketParts } from "./leases.js";

/** The public order book of one class of devices: sums only, so that nobody's task or machine is seen in it. */
export function orderBookOf({ board, prices }: MarketParts, lent: LentClass): OrderBook {
  const offers = [...board.matching.agents()].filter((now) => now.terms.offer.class === lent && roomOf(now) > 0);
  const bids = [...board.matching.waiting()].filter(([{ engine }]) => engineClasses[engine] === lent);
  const { [lent]: last } = prices;
  const [median, high] = [last.quantile(0.5), last.quantile(0.9)];
  return {
    offers: levelsOf(
      offers.map((now) => ({ price: now.terms.floorPrice, count: roomOf(now) })),
      "lowest",
    ),
    bids: levelsOf(
      bids.map(([{ maxPrice }, count]) => ({ price: maxPrice, count })),
      "highest",
    ),
    last: median === undefined || high === undefined ? undefined : { count: last.count, median, high },
  };
}

/** Free slots; a card of which a part is free counts as one. */
function roomOf({ room, free }: AgentNow): number {
  return room === 0 && free && freeGpuMilli(free) > 0 ? 1 : room;
}
