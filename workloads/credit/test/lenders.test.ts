import { seededUniform } from "@aegis-pool/core";
import { dirichletLenders, equalLenders, normal, stratifiedFolds } from "@aegis-pool/workload-credit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { known } from "./known.js";

const places = Array.from({ length: 1000 }, (_, at) => at);
const labels = Uint8Array.from(places, (place) => (place % 4 === 0 ? 1 : 0));
const sorted = (parts: readonly (readonly number[])[]) => parts.flat().toSorted((one, other) => one - other);
const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
const positives = (part: readonly number[]) => part.filter((place) => labels[place] === 1).length;

describe("folds of cross-validation", () => {
  it("test each record once, and never on a model that was trained on it", () => {
    const folds = stratifiedFolds(labels, 5, seededUniform(1));
    expect(sorted(folds.map(({ test }) => test))).toEqual(places);
    for (const { train, test } of folds) expect(sorted([train, test])).toEqual(places);
  });

  it("have equal sizes and equal shares of positives, to one record", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 5, maxLength: 80 }),
        fc.integer({ min: 2, max: 5 }),
        (some, count) => {
          const folds = stratifiedFolds(Uint8Array.from(some), count, seededUniform(2));
          expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
          expect(spread(folds.map(({ test }) => test.filter((place) => some[place] === 1).length))).toBeLessThanOrEqual(
            1,
          );
        },
      ),
    );
  });

  it("follow the seed", () => {
    expect(stratifiedFolds(labels, 5, seededUniform(3))).toEqual(stratifiedFolds(labels, 5, seededUniform(3)));
    expect(stratifiedFolds(labels, 5, seededUniform(3))).not.toEqual(stratifiedFolds(labels, 5, seededUniform(4)));
  });
});

describe("lenders", () => {
  it("have equal parts, to one record, and each record is one lender's", () => {
    const parts = equalLenders(places.slice(0, 997), 10, seededUniform(1));
    expect(new Set(parts.map((part) => part.length))).toEqual(new Set([99, 100]));
    expect(sorted(parts)).toEqual(places.slice(0, 997));
  });

  it("by Dirichlet have uneven parts and unlike shares of positives, and each record is one lender's", () => {
    const parts = dirichletLenders(places, (place) => known(labels[place]), 10, 0.5, seededUniform(1));
    expect(sorted(parts)).toEqual(places);
    const sizes = parts.map((part) => part.length);
    expect(Math.max(...sizes)).toBeGreaterThan(5 * Math.min(...sizes));
    const shares = parts.filter((part) => part.length > 10).map((part) => positives(part) / part.length);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.2);
  });

  it("have shares whose variance is that of a Dirichlet distribution: (k - 1) / (k^2 (k alpha + 1))", () => {
    const random = seededUniform(5);
    const shares = Array.from(
      { length: 400 },
      () => known(dirichletLenders(places, () => 0, 5, 0.7, random)[2]).length / 1000,
    );
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.17);
    expect(mean).toBeLessThan(0.23);
    // 4 / (25 * 4.5) is 0.0356; 400 draws tell it to within a tenth or so.
    expect(variance).toBeGreaterThan(0.029);
    expect(variance).toBeLessThan(0.043);
  });
});

describe("a normal variate", () => {
  it("has mean 0 and variance 1, and a tenth beyond 1.645", () => {
    const random = seededUniform(6);
    const values = Array.from({ length: 20_000 }, () => normal(random));
    expect(values.reduce((sum, value) => sum + value, 0) / 20_000).toBeCloseTo(0, 1);
    expect(values.reduce((sum, value) => sum + value * value, 0) / 20_000).toBeCloseTo(1, 1);
    expect(values.filter((value) => Math.abs(value) > 1.645).length / 20_000).toBeCloseTo(0.1, 2);
  });
});
