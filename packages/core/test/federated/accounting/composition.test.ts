import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeLosses } from "../../../src/federated/accounting/composition.js";
import { lossesOfOutcomes, type PrivacyOutcome } from "../../../src/federated/accounting/loss-distribution.js";

/** The answer of randomised response, which tells the truth with probability e^loss / (1 + e^loss). */
function randomisedResponse(loss: number): PrivacyOutcome[] {
  const [truth, lie] = [1 / (1 + Math.exp(-loss)), 1 / (1 + Math.exp(loss))];
  return [
    { p: truth, q: lie },
    { p: lie, q: truth },
  ];
}

/** The exact delta of `times` answers: a sum over how many are true (Kairouz, Oh, Viswanath 2015, theorem 3.3). */
function exactDelta(loss: number, times: number, epsilon: number): number {
  let [delta, choose] = [0, 1];
  for (let lies = 0; lies <= times; lies++) {
    const p = choose * Math.exp((times - lies) * loss - times * Math.log1p(Math.exp(loss)));
    delta += Math.max(0, p * -Math.expm1(epsilon - (times - 2 * lies) * loss));
    choose = (choose * (times - lies)) / (lies + 1);
  }
  return delta;
}

/** The exact delta of one use of a mechanism. */
const onceDelta = (outcomes: readonly PrivacyOutcome[], epsilon: number) =>
  outcomes.reduce((sum, { p, q }) => sum + Math.max(0, p - Math.exp(epsilon) * q), 0);

const epsilons = fc.double({ min: 0, max: 4, noNaN: true });
const steps = fc.double({ min: 1e-3, max: 0.3, noNaN: true });
const masses = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 })
  .filter((all) => all.some((m) => m > 0));

const share = (all: readonly number[], at: number) => (all[at] ?? 0) / all.reduce((sum, mass) => sum + mass, 0);

/** Two distributions over four outcomes, of which some may be impossible. */
const mechanisms = fc.tuple(masses, masses).map(([one, other]) => {
  return one.map((_, at) => ({ p: share(one, at), q: share(other, at) }));
});

describe("losses on a grid", () => {
  it("never say less than the mechanism's delta, and the same at the grid's points", () => {
    fc.assert(
      fc.property(mechanisms, steps, fc.integer({ min: 0, max: 20 }), epsilons, (outcomes, step, point, epsilon) => {
        const curve = composeLosses([{ losses: lossesOfOutcomes(outcomes, step), times: 1 }], { epsilon });
        expect(curve.deltaAt(epsilon)).toBeGreaterThanOrEqual(onceDelta(outcomes, epsilon) - 1e-13);
        const atPoint = composeLosses([{ losses: lossesOfOutcomes(outcomes, step), times: 1 }], {
          epsilon: point * step,
        });
        expect(atPoint.deltaAt(point * step)).toBeCloseTo(onceDelta(outcomes, point * step), 8);
      }),
    );
  });

  it("add up to the exact delta of randomised response, from above", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (points, times, part) => {
          // a loss between two points, and an epsilon that is reached
          const loss = 0.01 * (points + 0.37);
          const epsilon = part * loss * Math.sqrt(times);
          const losses = lossesOfOutcomes(randomisedResponse(loss), 0.01);
          const found = composeLosses([{ losses, times }], { epsilon }).deltaAt(epsilon);
          const exact = exactDelta(loss, times, epsilon);
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(found).toBeLessThan(exact * 1.05 + 0.2 * 0.01);
        },
      ),
    );
  });

  it("keep their digits far out, where delta is smaller than the roundoff of one", () => {
    const losses = lossesOfOutcomes(randomisedResponse(0.05), 0.05);
    for (const epsilon of [1, 6, 9, 14]) {
      const exact = exactDelta(0.05, 300, epsilon);
      const found = composeLosses([{ losses, times: 300 }], { epsilon }).deltaAt(epsilon);
      expect(found / exact).toBeGreaterThan(1 - 1e-9);
      expect(found / exact).toBeLessThan(1 + 1e-6);
    }
    expect(exactDelta(0.05, 300, 14)).toBeLessThan(1e-70);
  });

  it("are above the truth also far from the aim, where the window does not reach", () => {
    const losses = lossesOfOutcomes(randomisedResponse(0.05), 0.05);
    for (const aim of [{ epsilon: 0.1 }, { epsilon: 12 }, { delta: 0.3 }, { delta: 1e-40 }])
      for (const epsilon of [0.02, 1, 6, 9, 14]) {
        const found = composeLosses([{ losses, times: 300 }], aim).deltaAt(epsilon);
        expect(found).toBeGreaterThanOrEqual(exactDelta(0.05, 300, epsilon) * (1 - 1e-9));
      }
  });

  it("find the epsilon at which delta is reached", () => {
    fc.assert(
      fc.property(
        mechanisms,
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: -9, max: -1, noNaN: true }),
        (outcomes, times, logDelta) => {
          const delta = 10 ** logDelta;
          const curve = composeLosses([{ losses: lossesOfOutcomes(outcomes, 0.02), times }], { delta });
          const epsilon = curve.epsilonAt(delta);
          expect(curve.deltaAt(epsilon)).toBeLessThanOrEqual(epsilon < Infinity ? delta : 1);
          expect(curve.deltaAt(Math.max(0, epsilon * (1 - 1e-9) - 1e-9))).toBeGreaterThan(epsilon > 0 ? delta : -1);
        },
      ),
    );
  });

  it("are infinite where an outcome tells for certain, and zero where nothing is told", () => {
    const telling = lossesOfOutcomes(
      [
        { p: 1e-3, q: 0 },
        { p: 0.999, q: 1 },
      ],
      0.01,
    );
    const told = composeLosses([{ losses: telling, times: 10 }], { delta: 1e-5 });
    expect(told.epsilonAt(1e-5)).toBe(Infinity);
    expect(told.deltaAt(50)).toBeCloseTo(1 - 0.999 ** 10, 12);
    const clear = lossesOfOutcomes(
      [
        { p: 1, q: 0 },
        { p: 0, q: 1 },
      ],
      0.01,
    );
    const allTold = composeLosses([{ losses: clear, times: 2 }], { delta: 1e-5 });
    expect([allTold.deltaAt(9), allTold.epsilonAt(0.5), allTold.epsilonAt(1)]).toEqual([1, Infinity, 0]);
    const silent = composeLosses([{ losses: lossesOfOutcomes([{ p: 1, q: 1 }], 0.01), times: 5 }], { delta: 1e-5 });
    expect(silent.epsilonAt(1e-5)).toBe(0);
  });

  it("of different mechanisms add up, whichever comes first", () => {
    const one = { losses: lossesOfOutcomes(randomisedResponse(0.3), 0.01), times: 7 };
    const other = { losses: lossesOfOutcomes(randomisedResponse(0.1), 0.01), times: 11 };
    const both = composeLosses([one, other], { delta: 1e-4 }).epsilonAt(1e-4);
    expect(composeLosses([other, one], { delta: 1e-4 }).epsilonAt(1e-4)).toBeCloseTo(both, 10);
    expect(both).toBeGreaterThan(composeLosses([one], { delta: 1e-4 }).epsilonAt(1e-4));
    const apart = composeLosses([one, { ...other, times: 4 }, { ...other, times: 7 }], { delta: 1e-4 });
    expect(apart.epsilonAt(1e-4)).toBeCloseTo(both, 10);
  });

  it("are refused where they are no probabilities or do not fit together", () => {
    for (const outcomes of [
      [
        { p: -0.1, q: 0.5 },
        { p: 1.1, q: 0.5 },
      ],
      [{ p: Number.NaN, q: 1 }],
      [{ p: 0.9, q: 1 }],
      [{ p: 1, q: 1.1 }],
    ])
      expect(() => lossesOfOutcomes(outcomes, 0.01)).toThrow(RangeError);
    const losses = lossesOfOutcomes(randomisedResponse(0.3), 0.01);
    expect(() => composeLosses([], { delta: 1e-5 })).toThrow("nothing to compose");
    for (const times of [0, 1.5, -1, Number.NaN])
      expect(() => composeLosses([{ losses, times }], { delta: 1e-5 })).toThrow(RangeError);
    const coarse = lossesOfOutcomes(randomisedResponse(0.3), 0.02);
    expect(() =>
      composeLosses(
        [
          { losses, times: 1 },
          { losses: coarse, times: 1 },
        ],
        { delta: 1e-5 },
      ),
    ).toThrow("do not compose");
  });
});
