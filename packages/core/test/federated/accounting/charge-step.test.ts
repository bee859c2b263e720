import { describe, expect, it } from "vitest";
import { openBudget, type PrivacyBudget, spentEpsilon } from "../../../src/federated/accounting/budget.js";
import { chargeStep, releasesOfStep } from "../../../src/federated/accounting/charge-step.js";
import { addedCurves, renyiEpsilon } from "../../../src/federated/accounting/renyi.js";
import { skellamCurve } from "../../../src/federated/accounting/skellam.js";
import type { Part } from "../../../src/federated/procedure.js";

const smallest = { floor: 12, colluders: 2 };
const update: Part = {
  ...{ name: "update", values: new Float64Array(64), quantum: 0.25, limit: 8 },
  ...{ l2: 8, noiseVariance: 900 },
};
const count: Part = { ...update, name: "count", values: new Float64Array(1), quantum: 0.5, l2: 4, noiseVariance: 400 };
const step = { parts: [update, count] };
const budget = openBudget({ epsilon: 3, delta: 1e-5, per: "participant" });

function charged(before: PrivacyBudget): PrivacyBudget {
  const after = chargeStep(before, step, smallest);
  if (typeof after === "string") throw new TypeError(after);
  return after;
}

describe("charging a step", () => {
  it("takes the noise of the smallest sum without colluders, and norms of the integers that travel", () => {
    // 32 quanta in 64 values: sqrt(32^2 + 64 / 4 + 32 + 4) after rounding, by equation 2 of Kairouz, Liu and Steinke; 8 in one: never above 8 + 1.
    const l2 = Math.sqrt(1076);
    const first = skellamCurve({ variance: 9000, l1: 8 * l2, l2 }, 1);
    const l2OfOne = Math.sqrt(64 + 0.25 + 8.5);
    const second = skellamCurve({ variance: 4000, l1: l2OfOne, l2: l2OfOne }, 1);
    expect(spentEpsilon(charged(budget))).toBeCloseTo(renyiEpsilon(addedCurves(first, second), 1e-5), 12);
  });

  it("goes on until a step would pass the budget", () => {
    let [last, rounds] = [budget, 0];
    for (; typeof chargeStep(last, step, smallest) !== "string"; rounds++) last = charged(last);
    expect(chargeStep(last, step, smallest)).toBe("budget-passed");
    expect(rounds).toBeGreaterThan(2);
    expect(spentEpsilon(last)).toBeLessThanOrEqual(3);
    const more = openBudget({ ...budget.promise, epsilon: 100 });
    const spent = Array.from({ length: rounds + 1 }).reduce<PrivacyBudget>(charged, more);
    expect(spentEpsilon(spent)).toBeGreaterThan(3);
  });

  const { l2: _l2, ...unbounded } = count;
  it.each<[string, Part]>([
    ["no noise", { ...count, noiseVariance: 0 }],
    ["no bound of its norm", unbounded],
  ])("refuses a step of which one part has %s", (_what, part) => {
    const open = { parts: [update, part] };
    expect(releasesOfStep(open, smallest)).toBe("unprotected");
    expect(chargeStep(budget, open, smallest)).toBe("unprotected");
  });

  it("refuses sums in which nobody's noise is left", () => {
    expect(() => chargeStep(budget, step, { floor: 5, colluders: 5 })).toThrow(RangeError);
  });
});
