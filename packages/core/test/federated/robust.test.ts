import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Procedure, Step } from "../../src/federated/procedure.js";
import { isWithinReach } from "../../src/federated/robust/reach.js";
import { medianOf, robustMean, type RobustTerms } from "../../src/federated/robust/robust-mean.js";
import { inGroups, plainSum, runTogether } from "../../src/federated/run-together.js";
import { LocalTrainer } from "../../src/federated/training/local-trainer.js";
import { initialModel, type NetworkShape } from "../../src/federated/training/network.js";
import { seededUniform } from "../../src/federated/training/seeded.js";
import type { TrainingTerms } from "../../src/federated/training/terms.js";
import { type TrainedTogether, trainTogether } from "../../src/federated/training/train-together.js";
import { cutRows, entry, madeRows } from "./training/made-rows.js";

const shape: NetworkShape = { widths: [4, 1], activation: "relu" };
const rows = madeRows(1000, 4, 31);
const median: RobustTerms = { name: "median" };
const trimmed: RobustTerms = { name: "trimmed-mean" };

const terms: TrainingTerms = {
  rounds: 12,
  mostParticipants: 25,
  strategy: { name: "fed-avg" },
  local: { optimiser: { name: "sgd", learningRate: 1 }, epochs: 5, batchRows: 40 },
  weighting: { by: "rows", mostRows: 40 },
  clip: { norm: 3 },
};

/** What a poisoned participant makes of its honest parts. */
type Poison = (part: Step["parts"][number]) => Step["parts"][number];

/** Within the bounds that a participant's own software would keep. */
const signFlip: Poison = (part) => {
  if (part.name !== "update") return part;
  // As far the other way as the clip norm lets it.
  const scale = -3 / Math.max(1e-9, Math.hypot(...part.values));
  return { ...part, values: Float64Array.from(part.values, (value) => value * scale) };
};

/** Beyond them: integers that travel masked can be anything. */
const scaledUp: Poison = (part) => {
  return part.name === "update" ? { ...part, values: Float64Array.from(part.values, (value) => -50 * value) } : part;
};

const heavy: Poison = (part) => (part.name === "weight" ? { ...part, values: Float64Array.of(1000) } : part);

const silent: Poison = (part) => ({ ...part, values: new Float64Array(part.values.length) });

const boasting: Poison = (part) => (part.name === "within clip" ? { ...part, values: Float64Array.of(-1e6) } : part);

function* poisoned<Result>(honest: Procedure<Result>, poison: Poison): Procedure<Result> {
  let turn = honest.next();
  while (!turn.done) turn = honest.next(yield { ...turn.value, parts: turn.value.parts.map(poison) });
  return turn.value;
}

/** 25 participants in five groups of five, of which those whose numbers are given are poisoned. */
function train(
  robust: RobustTerms | undefined,
  poison: Poison,
  numbers: readonly number[],
  { of = 25, clip = terms.clip } = {},
): TrainedTogether {
  const start = initialModel(shape, seededUniform(1));
  const agreed = { ...terms, clip, ...(robust ? { robust } : {}) };
  const parts = cutRows(
    rows,
    Array.from({ length: of }, () => 40),
  );
  const procedures = parts.map((part, number) => {
    const honest = trainTogether(part, start, agreed, { uniform: seededUniform(number) });
    return numbers.includes(number) ? poisoned(honest, poison) : honest;
  });
  return entry(runTogether(procedures, inGroups(5, plainSum)), 0);
}

/** The loss over all honest rows, which no participant reports. */
function lossOf({ model }: TrainedTogether): number {
  return new LocalTrainer(shape, rows, terms.local).meanLoss(model.parameters);
}

const untouched = lossOf(train(undefined, signFlip, []));

describe("robust means over groups", () => {
  it.each([undefined, median, trimmed])("without poison are as good as the mean (%j)", (robust) => {
    expect(untouched).toBeLessThan(0.6);
    expect(lossOf(train(robust, signFlip, []))).toBeLessThan(untouched + 0.01);
  });

  // All five of one group, as sybils that were put together, and three of each of two groups.
  it.each([
    ["sybils that fill a group", [5, 6, 7, 8, 9], [median, trimmed]],
    ["seven in two groups", [0, 1, 2, 3, 20, 21, 22], [median]],
  ])("withstand flipped updates within the bounds by %s, which ruin the mean", (_, numbers, means) => {
    // Worse than a coin, that is.
    expect(lossOf(train(undefined, signFlip, numbers))).toBeGreaterThan(Math.LN2);
    for (const robust of means) {
      expect(lossOf(train(robust, signFlip, numbers))).toBeLessThan(untouched + 0.01);
    }
  });

  it("do not withstand as many flipped updates spread over all groups", () => {
    const spread = [0, 1, 2, 5, 6, 7, 10, 11, 12, 15, 16, 17, 20, 21, 22];
    expect(lossOf(train(median, signFlip, spread))).toBeGreaterThan(Math.LN2);
  });

  it.each([undefined, median, trimmed])(
    "leave out a group whose sum no honest participants can have made (%j)",
    (robust) => {
      const result = train(robust, scaledUp, [7]);
      expect(entry(result.rounds, 0).groupsLeftOut).toBe(1);
      expect(lossOf(result)).toBeLessThan(untouched + 0.01);
      expect(entry(train(robust, heavy, [7]).rounds, 0).groupsLeftOut).toBe(1);
    },
  );

  it("let nobody drive the clip norm: by its rate at most, and not at all where the mean is robust", () => {
    const clip = { norm: 30, adaptive: { quantile: 0.5, rate: 0.2 } };
    const norms = (robust: RobustTerms | undefined, numbers: number[]) => {
      return train(robust, boasting, numbers, { clip }).rounds.map(({ clipNorm }) => clipNorm);
    };
    const driven = norms(undefined, [7]);
    for (const [round, norm] of driven.entries()) expect(norm).toBeCloseTo(30 * Math.exp(0.1 * round), 8);
    expect(norms(median, [7])).toEqual(norms(median, []));
    expect(norms(median, []).at(-1)).toBeLessThan(30);
  });

  it("are not asked of a group without rows", () => {
    const empty = [0, 1, 2, 3, 4];
    const result = train(median, silent, empty);
    expect(entry(result.rounds, 0).groupsLeftOut).toBe(0);
    expect(lossOf(result)).toBeLessThan(untouched + 0.01);
  });

  it("end training when no group is left: participants would add the same again, and without noise that tells too much", () => {
    expect(() => train(undefined, scaledUp, [0, 5, 10, 15, 20])).toThrow("No sum of round 1 can be used");
  });

  it("are refused below three groups of five, rather than replaced by the mean", () => {
    expect(() => train(median, signFlip, [], { of: 10 })).toThrow(
      "3 groups of 5 participants at least, not groups of 5, 5",
    );
    expect(() => train(median, signFlip, [], { of: 14 })).toThrow("not groups of 5, 5, 4");
    expect(() => train({ name: "trimmed-mean", trim: 2 }, signFlip, [], { of: 20 })).toThrow("needs 5 groups");
    expect(lossOf(train(median, signFlip, [], { of: 15 }))).toBeLessThan(0.65);
    for (const trim of [0, 1.5]) expect(() => train({ name: "trimmed-mean", trim }, signFlip, [])).toThrow(RangeError);
  });

  it("lie between the means of honest groups while these are the majority, whatever the others say", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 9 }),
        fc.array(value, { maxLength: 8 }),
        (honest, hostile) => {
          const few = hostile.slice(0, honest.length - 1);
          const found = medianOf([...few, ...honest]);
          expect(found).toBeGreaterThanOrEqual(Math.min(...honest));
          expect(found).toBeLessThanOrEqual(Math.max(...honest));
        },
      ),
    );
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(medianOf([])).toBeNaN();
    const means = [
      [9, 0],
      [1, 5],
      [2, 7],
      [6, 6],
      [4, -80],
    ].map((mean) => Float64Array.from(mean));
    expect([...robustMean(means, median)]).toEqual([4, 5]);
    expect([...robustMean(means, trimmed)]).toEqual([4, 11 / 3]);
    expect([...robustMean(means, { name: "trimmed-mean", trim: 2 })]).toEqual([4, 5]);
  });
});

/** Of five participants: a sum of updates of this length, spread over 100 values, and one of weights. */
function sum(length: number, weight: number) {
  return { participants: 5, update: new Float64Array(100).fill(length / 10), weight };
}

describe("the reach of honest participants", () => {
  const part = { name: "update", values: new Float64Array(100), limit: 2, l2: 2, quantum: 1e-6 };
  it("is the clip norm times the weights, and a little for rounding", () => {
    expect(isWithinReach(sum(7.99, 4), part, 1e-6)).toBe(true);
    expect(isWithinReach(sum(8.00001, 4), part, 1e-6)).toBe(true);
    expect(isWithinReach(sum(8.001, 4), part, 1e-6)).toBe(false);
  });

  it("has no weights below none or above one each", () => {
    expect(isWithinReach(sum(0, 5), part, 0)).toBe(true);
    expect(isWithinReach(sum(0, 5.001), part, 1e-6)).toBe(false);
    expect(isWithinReach(sum(0, -0.001), part, 1e-6)).toBe(false);
    expect(isWithinReach(sum(0, -0.000001), part, 1e-6)).toBe(true);
  });

  it("has room for the noise of all, but not for much more", () => {
    // 5 participants of variance 20 quanta squared are a deviation of 10 quanta of 0.1 in each of 100 values: a norm of 10, and 18 at most.
    const noisy = { ...part, quantum: 0.1, noiseVariance: 20 };
    expect(isWithinReach(sum(10 + 18, 5), noisy, 0)).toBe(true);
    expect(isWithinReach(sum(10 + 24, 5), noisy, 0)).toBe(false);
  });
});
