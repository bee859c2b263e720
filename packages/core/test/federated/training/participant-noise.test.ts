import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBudget, type PrivacyBudget, spentEpsilon } from "../../../src/federated/accounting/budget.js";
import { chargeStep } from "../../../src/federated/accounting/charge-step.js";
import { renyiEpsilon } from "../../../src/federated/accounting/renyi.js";
import { gaussianCurve } from "../../../src/federated/accounting/renyi-gaussian.js";
import type { Step } from "../../../src/federated/procedure.js";
import { participantNoiseFor } from "../../../src/federated/training/participant-noise.js";
import type { ClipTerms } from "../../../src/federated/training/clipping.js";
import { initialModel } from "../../../src/federated/training/network.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { SharedModel } from "../../../src/federated/training/shared-model.js";
import type { TrainingTerms } from "../../../src/federated/training/terms.js";
import { cutRows, entry, madeRows } from "./made-rows.js";
import { logistic, recorded, terms as made, train } from "./made-run.js";

const smallest = { floor: 20, colluders: 4 };
const target = { epsilon: 3, delta: 1e-5 };
/** Of the model that `train` trains: four columns and a bias. */
const parameters = 5;
const termsOf = (clip: ClipTerms, rounds = 7): TrainingTerms => {
  return { ...made, rounds, weighting: { by: "participant" }, clip };
};

/** The steps that a run with this noise asks for. */
function stepsOf(clip: ClipTerms): Step[] {
  const terms = termsOf(clip);
  const privacy = participantNoiseFor(terms, parameters, smallest, target);
  const { steps, sum } = recorded();
  train(cutRows(madeRows(60, 4, 3), [30, 30]), { terms: { ...terms, privacy }, sum });
  return steps.map((asked) => entry(asked, 0));
}

/** The variances that a round at this norm asks each participant for. */
function variancesAt(norm: number): (number | undefined)[] {
  const privacy = { noiseMultiplier: 1.7, sharers: 7 };
  const terms = { ...termsOf({ norm, adaptive: { countDeviation: 3 } }, 1), privacy };
  const shared = new SharedModel(initialModel(logistic, seededUniform(1)), terms);
  const { parts } = shared.step({ update: new Float64Array(parameters), loss: 0, rows: 0 });
  return parts.map(({ noiseVariance }) => noiseVariance);
}

function charged(steps: readonly Step[], before: PrivacyBudget): PrivacyBudget {
  return steps.reduce((budget, step) => {
    const next = chargeStep(budget, step, smallest);
    if (typeof next === "string") throw new TypeError(next);
    return next;
  }, before);
}

describe("a participant's noise", () => {
  it.each<[string, ClipTerms]>([
    ["a norm that is fixed", { norm: 0.3 }],
    ["a norm that adapts, whose count is charged too", { norm: 0.7, adaptive: { countDeviation: 6 } }],
  ])("keeps the promise with %s, and not for one round more", (_what, clip) => {
    const steps = stepsOf(clip);
    expect(steps).toHaveLength(7);
    const spent = charged(steps, openBudget({ ...target, per: "participant" }));
    expect(spentEpsilon(spent)).toBeGreaterThan(2.99);
    expect(chargeStep(spent, entry(steps, 0), smallest)).toBe("budget-passed");
    // one mechanism a part, whatever became of the norm: noise is drawn from one table
    expect(spent.charges.map(({ times }) => times)).toEqual(entry(steps, 0).parts.map(() => 7));
  });

  it("is a little more than that of a Gaussian without rounding", () => {
    const { noiseMultiplier } = participantNoiseFor(termsOf({ norm: 0.3 }), parameters, smallest, target);
    const spent = renyiEpsilon(gaussianCurve({ noiseMultiplier, samplingRate: 1, steps: 7 }), 1e-5);
    expect(spent).toBeLessThanOrEqual(3);
    expect(spent).toBeGreaterThan(2.98);
  });

  it("is found for a model of 100,000 parameters and three sharers, where quanta must be coarse", () => {
    const few = { floor: 5, colluders: 2 };
    const large = termsOf({ norm: 1 }, 500);
    const { noiseMultiplier, sharers } = participantNoiseFor(large, 100_000, few, target);
    expect(sharers).toBe(3);
    expect(noiseMultiplier).toBeGreaterThan(30);
    expect(noiseMultiplier).toBeLessThan(60);
  });

  it("is the same variance in quanta, to the bit, whatever the norm", () => {
    const expected = variancesAt(1);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (norm) => {
        expect(variancesAt(norm)).toEqual(expected);
      }),
    );
  });

  it("asks nobody to draw noise that takes more than one draw a value", () => {
    for (const { parts } of stepsOf({ norm: 0.3 })) {
      for (const { noiseVariance } of parts) expect(noiseVariance).toBeLessThanOrEqual(1e8);
    }
    const privacy = { noiseMultiplier: 300, sharers: 1 };
    const { steps, sum } = recorded();
    train([madeRows(30, 4, 3)], { terms: { ...termsOf({ norm: 0.3 }, 1), privacy }, sum });
    const { noiseVariance = 0, quantum } = entry(entry(entry(steps, 0), 0).parts, 0);
    expect(noiseVariance).toBeLessThanOrEqual(1e8);
    expect((Math.sqrt(noiseVariance) * quantum) / 0.3).toBeCloseTo(300, 8);
  });

  it.each([
    ["an epsilon of 0", { epsilon: 0, delta: 1e-5 }, smallest],
    ["an epsilon that no noise keeps", { epsilon: 1e-6, delta: 1e-5 }, smallest],
    ["as many colluders as participants", target, { floor: 5, colluders: 5 }],
  ])("is refused for %s", (_what, wanted, sums) => {
    expect(() => participantNoiseFor(termsOf({ norm: 1 }), parameters, sums, wanted)).toThrow(RangeError);
  });
});
