import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measureTogether, type MeasuringTerms } from "../../src/federated/metrics/measure-together.js";
import type { Step } from "../../src/federated/procedure.js";
import { plainSum, runTogether } from "../../src/federated/run-together.js";
import type { Model } from "../../src/federated/training/network.js";
import type { LabelledRows } from "../../src/federated/training/rows.js";
import { seededUniform } from "../../src/federated/training/seeded.js";
import { cutRows, entry, madeRows } from "./training/made-rows.js";

/** The logit is the row's one value. */
const identity: Model = { shape: { widths: [1, 1], activation: "relu" }, parameters: Float32Array.of(1, 0) };
const terms: MeasuringTerms = { mostParticipants: 10, mostRows: 1000 };

function scored(count: number, seed: number, spread = 2): LabelledRows {
  const random = seededUniform(seed);
  const labels = Float32Array.from({ length: count }, () => (random() < 0.3 ? 1 : 0));
  const values = labels.map((label) => label * 1.2 + spread * (random() + random() + random() - 1.5));
  return { values, labels, columns: 1 };
}

function measure(parts: readonly LabelledRows[], changed: Partial<MeasuringTerms> = {}, seen: Step[] = []) {
  const procedures = parts.map((rows) => measureTogether(rows, identity, { ...terms, ...changed }));
  const results = runTogether(procedures, (steps) => {
    seen.push(...steps);
    return plainSum(steps);
  });
  for (const result of results) expect(result).toEqual(results[0]);
  return entry(results, 0);
}

/** Mann and Whitney's statistic over the pairs, pair by pair. */
function exactAuc({ values, labels }: LabelledRows): number {
  let [ordered, pairs] = [0, 0];
  for (const [one, label] of labels.entries()) {
    for (const [other, otherLabel] of labels.entries()) {
      if (label <= otherLabel) continue;
      const [high, low] = [entry(values, one), entry(values, other)];
      pairs++;
      if (high >= low) ordered += high > low ? 1 : 0.5;
    }
  }
  return ordered / pairs;
}

function exactLoss({ values, labels }: LabelledRows): number {
  const losses = Array.from(values, (logit, row) => Math.log1p(Math.exp(entry(labels, row) === 1 ? -logit : logit)));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe("measuring together", () => {
  it("has the AUC and the loss of all rows within the bounds that it states", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(0.01, 0.3, 2, 8),
        fc.integer({ min: 16, max: 4096 }),
        (seed, spread, bins) => {
          const rows = scored(300, seed, spread);
          const { auc, aucBound, loss, rows: counted } = measure(cutRows(rows, [200, 0, 99, 1]), { bins });
          expect(counted).toBe(300);
          expect(Math.abs(auc - exactAuc(rows))).toBeLessThanOrEqual(aucBound + 1e-12);
          expect(Math.abs(loss - exactLoss(rows))).toBeLessThanOrEqual(16 / bins + 1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is within 0.0005 of the AUC by default, for scores as spread as those of credit models", () => {
    const rows = scored(1000, 3);
    const { auc, aucBound } = measure([rows]);
    expect(aucBound).toBeLessThan(0.004);
    expect(Math.abs(auc - exactAuc(rows))).toBeLessThan(0.0005);
  });

  it("counts ties as half, and puts logits beyond the last bin into it", () => {
    const rows = { values: Float32Array.of(100, -100, 3, 3), labels: Float32Array.of(1, 0, 1, 0), columns: 1 };
    expect(measure([rows]).auc).toBe(3.5 / 4);
  });

  it("has no AUC without both labels, and no loss without rows", () => {
    const one = { values: Float32Array.of(1, 2), labels: Float32Array.of(1, 1), columns: 1 };
    expect(measure([one])).toMatchObject({ rows: 2, auc: Number.NaN });
    expect(measure(cutRows(one, [0]))).toMatchObject({ rows: 0, loss: Number.NaN, auc: Number.NaN });
  });

  it("counts whole rows without rounding where they fit, and no more rows of one than were agreed", () => {
    const seen: Step[] = [];
    expect(measure([scored(50, 1)], { mostRows: 20 }, seen).rows).toBe(20);
    expect(entry(entry(seen, 0).parts, 0)).toMatchObject({ quantum: 1, limit: 20, noiseVariance: 0 });
    measure([scored(50, 1)], { mostRows: 2 ** 31, mostParticipants: 1000 }, seen);
    const { quantum, limit } = entry(entry(seen, 1).parts, 0);
    expect(1000 * (limit / quantum + 1)).toBeLessThan(2 ** 31);
  });

  it("asks each for its share of the noise that protects a row", () => {
    const seen: Step[] = [];
    measure([scored(50, 1)], { noise: { deviation: 6, sharers: 4 } }, seen);
    expect(entry(entry(seen, 0).parts, 0).noiseVariance).toBe(9);
  });

  it.each<Partial<MeasuringTerms>>([
    { bins: 15 },
    { bins: 100.5 },
    { mostRows: 0 },
    { mostParticipants: 0 },
    { noise: { deviation: 0, sharers: 4 } },
    { noise: { deviation: 1, sharers: 0 } },
  ])("refuses %j", (changed) => {
    expect(() => measure([scored(5, 1)], changed)).toThrow(RangeError);
  });

  it("refuses rows that do not fit the model", () => {
    expect(() => measure([madeRows(3, 2, 1)])).toThrow("rows of 1 columns, not 2");
  });
});
