import { describe, expect, it } from "vitest";
import { type OrderBook, LastPrices, levelsOf, suggestPrices } from "../../src/market/order-book.js";

describe("an order book", () => {
  it("sums what has one price, and begins with what is served first", () => {
    const entries = [
      { price: 3_100, count: 2 },
      { price: 3_000, count: 1 },
      { price: 3_100, count: 5 },
    ];
    expect(levelsOf(entries, "lowest")).toEqual([
      { price: 3_000, count: 1 },
      { price: 3_100, count: 7 },
    ]);
    expect(levelsOf(entries, "highest")[0]).toEqual({ price: 3_100, count: 7 });
  });

  it("shows twenty levels of however many", () => {
    const entries = Array.from({ length: 1_000 }, (_, price) => ({ price, count: 1 }));
    expect(levelsOf(entries, "highest")).toHaveLength(20);
  });

  it("remembers the prices of the last five hundred leases", () => {
    const last = new LastPrices();
    expect(last.quantile(0.5)).toBeUndefined();
    for (let price = 1; price <= 600; price++) last.add(price);
    expect([last.count, last.quantile(0), last.quantile(0.5), last.quantile(1)]).toEqual([500, 101, 351, 600]);
  });
});

describe("a suggestion", () => {
  const usual = { floor: 3_087, top: 4_000 };
  const suggest = (book: Partial<OrderBook>) =>
    suggestPrices({ offers: [], bids: [], last: undefined, ...book }, usual);

  it("is the usual where nothing is known", () => {
    expect(suggest({})).toEqual(usual);
  });

  it("asks no more than the cheapest free slot, and bids enough for it and against who is in line", () => {
    const offers = [{ price: 2_500, count: 1 }];
    expect(suggest({ offers })).toEqual({ floor: 2_500, top: 4_000 });
    expect(suggest({ offers: [{ price: 4_200, count: 1 }] })).toEqual({ floor: 3_087, top: 4_200 });
    expect(suggest({ bids: [{ price: 6_000, count: 1 }] })).toMatchObject({ top: 6_001 });
  });

  it("follows what others pay", () => {
    expect(suggest({ last: { count: 9, median: 3_600, high: 5_200 } })).toEqual({ floor: 3_600, top: 5_200 });
  });
});
