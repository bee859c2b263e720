import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedTree } from "../../../src/market/matching/ordered-tree.js";

interface Item {
  readonly order: number;
  readonly measures: readonly [number, number];
}

const smallNumber = fc.nat({ max: 6 });
const anyItem: fc.Arbitrary<Item> = fc.record({ order: fc.nat(), measures: fc.tuple(smallNumber, smallNumber) });
const anyItems = fc.uniqueArray(anyItem, { selector: ({ order }) => order, maxLength: 60 });

describe("an ordered tree", () => {
  it("finds what a search through all in order finds, whatever was added and removed", () => {
    fc.assert(
      fc.property(anyItems, fc.array(fc.nat()), fc.tuple(smallNumber, smallNumber), (items, gone, bounds) => {
        const tree = new OrderedTree<Item>(
          (a, b) => a.order - b.order,
          ({ measures }) => measures,
        );
        for (const item of items) tree.add(item);
        const left = new Set(items);
        for (const index of gone) {
          const item = items[index % items.length];
          if (!item) continue;
          tree.remove(item); // some twice
          left.delete(item);
        }
        const sorted = [...left].toSorted((a, b) => a.order - b.order);
        expect([...tree]).toEqual(sorted);
        expect(tree.isEmpty).toBe(left.size === 0);
        const accepts = ({ order }: Item) => order % 3 !== 0;
        const fits = (item: Item) => item.measures[0] <= bounds[0] && item.measures[1] <= bounds[1] && accepts(item);
        expect(tree.first(bounds, accepts)).toBe(sorted.find(fits));
      }),
      { numRuns: 1_000 },
    );
  });

  it("looks at few of many, though they come in order", () => {
    const tree = new OrderedTree<Item>(
      (a, b) => a.order - b.order,
      ({ measures }) => measures,
    );
    for (let order = 0; order < 10_000; order++) tree.add({ order, measures: [order === 7_777 ? 0 : 1, 0] });
    let looks = 0;
    const found = tree.first([0, 0], () => ++looks > 0);
    expect([found?.order, looks]).toEqual([7_777, 1]);
  });
});
