import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaUnderCurve } from "@aegis-pool/workload-credit";

/** By its definition: all pairs of a positive and a negative. */
function byPairs(scores: readonly number[], labels: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  for (const [at, score] of scores.entries()) {
    for (const [other, rival] of scores.entries()) {
      if (labels[at] !== 1 || labels[other] !== 0) continue;
      pairs++;
      if (score === rival) wins += 0.5;
      else if (score > rival) wins++;
    }
  }
  return wins / pairs;
}

describe("the area under the curve", () => {
  it("is the share of pairs in which the positive has the higher score, where a tie counts half", () => {
    const scored = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(scored, (pairs) => {
        const [scores, labels] = [pairs.map(([score]) => score), pairs.map(([, label]) => label)];
        fc.pre(labels.includes(0) && labels.includes(1));
        expect(areaUnderCurve(scores, labels)).toBeCloseTo(byPairs(scores, labels), 12);
      }),
    );
  });

  it("is that of a worked example", () => {
    // scikit-learn's documentation of roc_auc_score.
    expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  });

  it("is no number where all labels are the same", () => {
    expect(areaUnderCurve([1, 2], [1, 1])).toBeNaN();
    expect(areaUnderCurve([1, 2], [0, 0])).toBeNaN();
    expect(areaUnderCurve([], [])).toBeNaN();
  });

  it("takes infinite scores, and refuses one that is not a number, and lengths that differ", () => {
    expect(areaUnderCurve([-Infinity, Infinity], [0, 1])).toBe(1);
    expect(() => areaUnderCurve([1, Number.NaN], [0, 1])).toThrow("score 1 is not a number");
    expect(() => areaUnderCurve([1], [0, 1])).toThrow("1 scores for 2 labels");
  });
});
