import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findQuantiles, type QuantileTerms } from "../../../src/federated/preprocessing/quantiles.js";
import { runTogether } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { inTwoGroups, roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const terms: QuantileTerms = { mostParticipants: 50, mostRows: 1000, shares: [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1] };
const sum = roundedSum(seededUniform(1), terms.mostParticipants);

/** One column per participant. */
function together(columns: readonly Float64Array[], changed: Partial<QuantileTerms> = {}, how = sum) {
  const results = runTogether(
    columns.map((column) => findQuantiles([column], { ...terms, ...changed })),
    how,
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return known(known(results[0])[0]);
}

/** The value of the nearest rank among all, in single precision. */
function nearestRank(columns: readonly Float64Array[], share: number): number {
  const all = columns.flatMap((column) => [...column]).filter((value) => !Number.isNaN(value));
  const sorted = all.map((value) => Math.fround(value) + 0).toSorted((one, other) => one - other);
  return known(sorted[Math.max(1, Math.ceil(share * sorted.length - 1e-9)) - 1]);
}

const value = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, 2500, Number.NaN),
  fc.integer({ min: -30, max: 30 }),
  fc.double({ noNaN: true, min: -3e38, max: 3e38 }),
);
const parts = fc.array(
  fc.array(value, { maxLength: 30 }).map((values) => Float64Array.from(values)),
  { minLength: 1, maxLength: 5 },
);

describe("quantiles of all participants' records", () => {
  it("are the nearest-rank values of the pooled records at full precision, with ties, signs and unknown values", () => {
    fc.assert(
      fc.property(parts, (columns) => {
        const { values, count } = together(columns, { precisionBits: 32 });
        const withValue = columns.flatMap((column) => [...column]).filter((each) => !Number.isNaN(each));
        expect(count).toBe(withValue.length);
        expect(values).toEqual(count === 0 ? [] : terms.shares.map((share) => nearestRank(columns, share)));
      }),
    );
  });

  it("are the same for many participants, in groups or not, as for one with all records", () => {
    fc.assert(
      fc.property(parts, (columns) => {
        const pooled = Float64Array.from(columns.flatMap((column) => [...column]));
        expect(together(columns, {}, inTwoGroups(sum))).toEqual(together([pooled]));
      }),
    );
  });

  it("lie by default at most 1% above the value, and say how many records are at or below", () => {
    const random = seededUniform(4);
    const columns = [300, 20, 1].map((length) => Float64Array.from({ length }, () => Math.exp(20 * random() - 5)));
    const { values, ranks } = together(columns);
    const all = columns.flatMap((column) => [...column]);
    for (const [at, share] of terms.shares.entries()) {
      const exact = nearestRank(columns, share);
      expect(values[at]).toBeGreaterThanOrEqual(exact);
      expect(values[at]).toBeLessThanOrEqual(exact * 1.01);
      expect(ranks[at]).toBe(all.filter((each) => each <= known(values[at])).length);
    }
  });

  it("count 8 of 100 records for a share of 0.08, though 0.08 times 100 is not 8 in binary", () => {
    const column = Float64Array.from({ length: 100 }, (_, at) => at + 1);
    expect(together([column], { shares: [0.07, 0.08, 0.29], precisionBits: 32 }).values).toEqual([7, 8, 29]);
  });

  it("are one value where all records have it, and none where no record has a value", () => {
    const constant = together([Float64Array.of(7, 7, 7), Float64Array.of(7)], { precisionBits: 32 });
    expect(constant.values).toEqual(terms.shares.map(() => 7));
    expect(together([Float64Array.of(Number.NaN), Float64Array.of()])).toEqual({ count: 0, values: [], ranks: [] });
  });

  it("keep numbers just below 0 apart from 0, however few bits are found", () => {
    const { values, ranks } = together([Float64Array.of(-(2 ** -149), 0, 5)], { shares: [0.3, 0.6] });
    expect(values[0]).toBeLessThan(0);
    expect(ranks).toEqual([1, 2]);
  });

  it("are near the right ones under noise that hides a record, and the same for all participants", () => {
    const random = seededUniform(6);
    const columns = [0, 1, 2, 3, 4].map(() => Float64Array.from({ length: 1000 }, () => Math.exp(4 * random())));
    const { values, count } = together(columns, { shares: [0.1, 0.5, 0.9], noiseVariance: 20 });
    // A sum has a deviation of 10 records in each of 256 counts: 160 in a rank of 5,000 at most.
    expect(Math.abs(count - 5000)).toBeLessThan(800);
    const off = values.map((each, at) => Math.abs(Math.log(each) / 4 - known([0.1, 0.5, 0.9][at])));
    // five deviations
    expect(Math.max(...off)).toBeLessThan(0.16);
    const none = together([Float64Array.of(), Float64Array.of()], { noiseVariance: 400 });
    expect(none.values.every(Number.isFinite)).toBe(true);
  });

  it("need two sums of at most 256 counts per quantile and column by default", () => {
    const steps: number[][] = [];
    const column = Float64Array.from({ length: 500 }, (_, at) => at * 1.5);
    runTogether([findQuantiles([column, column], terms)], (asked) => {
      steps.push(known(asked[0]).parts.map(({ values }) => values.length));
      return sum(asked);
    });
    expect(steps[0]).toEqual([256, 256]);
    expect(steps).toHaveLength(2);
    expect(known(steps[1])[0]).toBeLessThanOrEqual(terms.shares.length * 256);
  });

  it.each([
    [{ shares: [1.1] }, "share of the records must be"],
    [{ shares: [Number.NaN] }, "share of the records must be"],
    [{ precisionBits: 8 }, "precisionBits must be"],
    [{ precisionBits: 33 }, "precisionBits must be"],
    [{ mostRows: 2 }, "rows of this participant must be"],
    [{ mostRows: 2 ** 30 }, "mostRows must be"],
    [{ mostParticipants: 0 }, "mostParticipants must be"],
    [{ noiseVariance: -1 }, "noiseVariance must be"],
  ] as [Partial<QuantileTerms>, string][])("refuse %o", (wrong, message) => {
    expect(() => together([Float64Array.of(1, 2, 3)], wrong)).toThrow(message);
  });
});
