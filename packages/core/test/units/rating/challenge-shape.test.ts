import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  challengeFlops,
  challengeShape,
  checkedEntries,
  challengeFits,
  hasDistinctRows,
  mostCheckedEntries,
} from "../../../src/index.js";

const gibibyte = 1024 ** 3;
const core = { flopsPerSecond: 4e10, slots: 1, memoryBytes: gibibyte, ms: 3_000, size: 1_024 };

describe("the shape of a challenge", () => {
  it("is as long as asked for an ordinary core, and for a hundred of them", () => {
    for (const slots of [1, 100]) {
      const shape = challengeShape({ ...core, slots, flopsPerSecond: 4e10 * slots });
      expect(shape).toMatchObject({ size: 1_024, blocks: slots });
      const seconds = challengeFlops({ ...shape, seed: new Uint8Array(32) }) / (4e10 * slots);
      expect(seconds).toBeCloseTo(3, 1);
    }
  });

  it("has larger matrices for a device that is a hundred times as fast, where its memory holds them", () => {
    const fast = { ...core, flopsPerSecond: 2e13 };
    expect(challengeShape(fast).size).toBe(4_096);
    expect(challengeShape({ ...fast, memoryBytes: 4 * 2_048 ** 2 * 4 }).size).toBe(2_048);
  });

  it("has matrices as large as leave many steps: a small card gets smaller ones", () => {
    expect(challengeShape({ ...core, flopsPerSecond: 4e11 })).toMatchObject({ size: 2_048, steps: 70 });
  });

  it("costs a check no more than its bound, whatever is claimed", () => {
    const terms = fc.record({
      flopsPerSecond: fc.double({ min: 1, max: 1e30, noNaN: true }),
      slots: fc.integer({ min: 1, max: 1_024 }),
      memoryBytes: fc.integer({ min: 0, max: 2 ** 45 }),
      ms: fc.integer({ min: 10, max: 60_000 }),
      size: fc.constantFrom(256, 1_024, 2_048),
    });
    fc.assert(
      fc.property(terms, (claimed) => {
        const shape = challengeShape(claimed);
        expect(checkedEntries(shape)).toBeLessThanOrEqual(mostCheckedEntries);
        expect(hasDistinctRows(shape)).toBe(true);
        expect(shape.size === claimed.size || challengeFits(shape.size, claimed.memoryBytes)).toBe(true);
        expect(shape.steps).toBeGreaterThanOrEqual(4);
      }),
    );
  });
});
