import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BoundedColumn, findStandards } from "../../../src/federated/preprocessing/standards.js";
import { runTogether } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const terms = { mostParticipants: 100, mostRows: 100_000 };

function together(columns: readonly BoundedColumn[]) {
  const results = runTogether(
    columns.map((column) => findStandards([column], terms)),
    roundedSum(seededUniform(1), terms.mostParticipants),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return known(known(results[0])[0]);
}

const column = (values: readonly number[], low = 0, high = 1): BoundedColumn => ({
  values: Float64Array.from(values),
  low,
  high,
});

describe("means and deviations of all participants' records", () => {
  it("are those of the pooled records, cut to the bounds, whatever the parts", () => {
    const value = fc.double({ noNaN: true, min: -80, max: 80 });
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 40 }), { minLength: 1, maxLength: 6 }), (parts) => {
        const all = parts.flat().map((each) => Math.min(50, Math.max(-20, each)));
        fc.pre(all.length > 20);
        const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
        const variance = all.reduce((sum, each) => sum + (each - mean) ** 2, 0) / all.length;
        const found = together(parts.map((each) => column(each, -20, 50)));
        expect(found.count).toBe(all.length);
        // A value is rounded to 1/42 of the width by at most 100 participants of 100,000 records.
        expect(Math.abs(found.mean - mean)).toBeLessThan((70 * parts.length) / 40 / all.length);
        expect(Math.abs(found.deviation ** 2 - variance)).toBeLessThan((2 * 70 ** 2 * parts.length) / 40 / all.length);
      }),
    );
  });

  it("keep a small spread beside a large mean: squares are of distances to the mean", () => {
    const parts = [0, 1, 2, 3].map((part) =>
      column(
        Array.from({ length: 20_000 }, (_, at) => 1e9 + ((at + part) % 5)),
        1e9,
        1e9 + 4,
      ),
    );
    const { mean, deviation } = together(parts);
    expect(mean - 1e9).toBeCloseTo(2, 3);
    expect(deviation).toBeCloseTo(Math.SQRT2, 3);
  });

  it("are the constant and 0 for a constant column, and the middle and 0 where nobody has a value", () => {
    expect(together([column([7, 7, 7], 7, 7), column([7], 7, 7)])).toEqual({
      count: 4,
      unknown: 0,
      mean: 7,
      deviation: 0,
    });
    const unknown = column([Number.NaN, Number.NaN], 2, 6);
    expect(together([unknown, column([], 2, 6)])).toEqual({ count: 0, unknown: 2, mean: 4, deviation: 0 });
  });

  it("are near the right ones under noise, whatever the width of the bounds", () => {
    const random = seededUniform(2);
    const parts = [0, 1, 2, 3].map(() =>
      column(
        Array.from({ length: 20_000 }, () => 1e6 * (2 + random())),
        2e6,
        3e6,
      ),
    );
    const noisy = runTogether(
      parts.map((part) => findStandards([part], { ...terms, noiseVariance: 2500 })),
      roundedSum(seededUniform(3), terms.mostParticipants),
    );
    const { count, mean, deviation } = known(known(noisy[0])[0]);
    expect(count).not.toBe(80_000);
    expect(count / 80_000).toBeCloseTo(1, 2);
    expect(mean / 1e6).toBeCloseTo(2.5, 1);
    expect(mean).not.toBeCloseTo(known(together(parts)).mean, 0);
    expect(deviation / 1e6).toBeCloseTo(1 / Math.sqrt(12), 1);
  });

  it.each([
    [column([1], 2, 1), "bounds 2 to 1"],
    [column([1], Number.NaN, 1), "bounds NaN to 1"],
    [column([1], 0, Infinity), "bounds 0 to Infinity"],
  ])("refuse bounds that are not in order or not finite", (wrong, message) => {
    expect(() => together([wrong])).toThrow(message);
  });
});
