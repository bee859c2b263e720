import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "../../../src/federated/procedure.js";
import { plainSum, roundedSum, runTogether } from "../../../src/federated/run-together.js";
import { LocalTrainer } from "../../../src/federated/training/local-trainer.js";
import { initialModel } from "../../../src/federated/training/network.js";
import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import type { TrainingTerms } from "../../../src/federated/training/terms.js";
import { type AfterRound, trainTogether } from "../../../src/federated/training/train-together.js";
import { logistic, network, normOf, recorded, terms, train } from "./made-run.js";
import { cutRows, entry, madeRows } from "./made-rows.js";

/** Full-batch gradient descent over all rows in one place. */
function descend(rows: LabelledRows, steps: number): { parameters: Float32Array; loss: number } {
  const parameters = initialModel(logistic, seededUniform(1)).parameters.slice();
  const trainer = new LocalTrainer(logistic, rows, { ...terms.local, epochs: steps });
  trainer.train(parameters, seededUniform(9));
  return { parameters, loss: trainer.meanLoss(parameters) };
}

function namesOf({ name, parts }: Step) {
  return [name, ...parts.map((part) => [part.name, part.quantum, part.limit])];
}

/** Asks for the same as a measurement, and looks at nothing. */
const silent: AfterRound = function* () {
  yield { name: "measure", parts: [] };
};

function closeTo(expected: Float32Array, digits: number) {
  return [...expected].map((value) => expect.closeTo(value, digits));
}

describe("training together", () => {
  it.each([
    ["equal parts", [50, 50, 50, 50]],
    ["uneven parts, some with a row or two", [100, 60, 37, 2, 1]],
    ["a participant without rows", [100, 100, 0]],
    ["one participant", [200]],
  ])("is gradient descent over all rows where each takes one full-batch step: %s", (_, sizes) => {
    const rows = madeRows(200, 4, 5);
    const central = descend(rows, terms.rounds);
    const weighting = { by: "rows", mostRows: Math.max(...sizes) } as const;
    const { model, loss, rounds } = entry(train(cutRows(rows, sizes), { terms: { weighting } }), 0);
    expect([...model.parameters]).toEqual(closeTo(central.parameters, 5));
    expect(loss).toBeCloseTo(central.loss, 5);
    expect(entry(rounds, 0)).toMatchObject({ round: 1, participants: sizes.length, groupsLeftOut: 0 });
    expect(entry(rounds, 0).loss).toBeCloseTo(Math.LN2, 6);
  });

  it("does between rounds what it is told to, with the model that a round left and the next begins with", () => {
    const parts = cutRows(madeRows(60, 4, 5), [30, 30]);
    const start = initialModel(logistic, seededUniform(1));
    const { steps, sum } = recorded();
    const seen: [number, number][] = [];
    const measure: AfterRound = function* ({ round }, { parameters }) {
      yield { name: "measure", parts: [] };
      seen.push([round, normOf(parameters)]);
    };
    const procedures = parts.map((rows, place) =>
      trainTogether(rows, start, terms, { uniform: seededUniform(place) }, place === 0 ? measure : silent),
    );
    const { model } = entry(runTogether(procedures, sum), 0);
    const names = steps.map((asked) => entry(asked, 0).name);
    expect(names).toEqual(["round 1", "measure", "round 2", "measure", "round 3", "measure", "loss"]);
    expect(seen.map(([round]) => round)).toEqual([1, 2, 3]);
    expect(entry(seen, 2)[1]).toBe(normOf(model.parameters));
    expect(entry(seen, 0)[1]).not.toBe(entry(seen, 1)[1]);
  });

  it("counts all the same where weights are by participant", () => {
    const rows = madeRows(110, 4, 5);
    const models = cutRows(rows, [100, 10]).map((part) => descend(part, 1).parameters);
    const mean = entry(models, 0).map((value, at) => (value + entry(entry(models, 1), at)) / 2);
    const weighting = { by: "participant" } as const;
    const results = train(cutRows(rows, [100, 10]), { terms: { weighting, rounds: 1 } });
    expect([...entry(results, 0).model.parameters]).toEqual(closeTo(mean, 6));
  });

  it("with one participant trains as that one alone, up to the quantum", () => {
    const rows = madeRows(90, 4, 3);
    const local = { optimiser: { name: "adam", learningRate: 0.01 }, epochs: 4 } as const;
    const weighting = { by: "rows", mostRows: 90 } as const;
    const changed = { terms: { rounds: 1, local, weighting }, shape: network };
    const alone = initialModel(network, seededUniform(1)).parameters.slice();
    new LocalTrainer(network, rows, local).train(alone, seededUniform(0));
    const exact = entry(train([rows], changed), 0).model.parameters;
    expect([...exact]).toEqual(closeTo(alone, 6));
    const rounded = entry(train([rows], { ...changed, sum: roundedSum(seededUniform(7)) }), 0).model.parameters;
    const quantum = terms.clip.norm / 2 ** 22;
    for (const [at, value] of rounded.entries())
      expect(Math.abs(value - entry(alone, at))).toBeLessThan(1.01 * quantum);
    expect(rounded).not.toEqual(exact);
  });

  it("gives every participant the same model, bit for bit, and the same report", () => {
    const changed = { terms: { local: { optimiser: { name: "adam" } } }, shape: network } as const;
    const results = train(cutRows(madeRows(90, 4, 3), [50, 30, 10]), { ...changed, sum: roundedSum(seededUniform(7)) });
    for (const { model, rounds, loss } of results) {
      expect(model.parameters).toEqual(entry(results, 0).model.parameters);
      expect(rounds).toEqual(entry(results, 0).rounds);
      expect(loss).toBeLessThan(entry(rounds, 0).loss ?? 0);
    }
  });

  it.each(["fed-avg", "fed-prox", "fed-adam"] as const)("learns from ten uneven participants by %s", (name) => {
    const rows = madeRows(600, 4, 11);
    const parts = cutRows(rows, [200, 120, 80, 60, 50, 40, 25, 15, 8, 2]);
    const changed = {
      terms: {
        rounds: 30,
        strategy: name === "fed-adam" ? { name, serverRate: 0.1 } : { name },
        local: { optimiser: { name: "sgd", learningRate: 0.3 }, epochs: 2 },
        weighting: { by: "rows", mostRows: 200 },
      },
    } as const;
    const { loss = Infinity } = entry(train(parts, { ...changed, sum: roundedSum(seededUniform(2)) }), 0);
    // The logistic regression over all rows in one place is the best that can be.
    const best = descend(rows, 500).loss;
    expect(loss).toBeGreaterThan(best - 1e-6);
    expect(loss).toBeLessThan(best + 0.01);
  });

  it("keeps a proximal participant closer to the round's model", () => {
    const rows = madeRows(90, 4, 3);
    const moved = [0, 1].map((proximal) => {
      const { model } = entry(
        train([rows], {
          terms: { rounds: 1, strategy: { name: "fed-prox", proximal }, local: { ...terms.local, epochs: 20 } },
        }),
        0,
      );
      return normOf(model.parameters);
    });
    expect(entry(moved, 1)).toBeLessThan(0.5 * entry(moved, 0));
  });

  it("never sends more than the clip norm, times the weight", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0.001, max: 2, noNaN: true }), (count, norm) => {
        const { steps, sum } = recorded();
        train([madeRows(count, 4, 3)], { terms: { clip: { norm } }, sum });
        for (const asked of steps.slice(0, terms.rounds)) {
          const update = entry(entry(asked, 0).parts, 0);
          expect(update).toMatchObject({ name: "update", l2: norm, limit: norm });
          expect(normOf(update.values)).toBeLessThanOrEqual(norm * (count / 100) * (1 + 1e-12));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("says nothing of its rows but within the sum: what two participants ask for differs in values alone", () => {
    const { steps, sum } = recorded();
    train([madeRows(100, 4, 3), madeRows(3, 4, 4)], { sum });
    for (const pair of steps) expect(namesOf(entry(pair, 0))).toEqual(namesOf(entry(pair, 1)));
    expect(namesOf(entry(entry(steps, 0), 0)).flat()).toEqual(expect.arrayContaining(["update", "weight", "loss"]));
  });

  it("fits the integers that travel: quanta of all participants together stay below 2^31", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (mostParticipants) => {
        const { steps, sum } = recorded();
        train([madeRows(9, 4, 3)], { terms: { mostParticipants, rounds: 1 }, sum });
        for (const { quantum, limit } of steps.flat().flatMap(({ parts }) => parts)) {
          expect(mostParticipants * (limit / quantum + 1)).toBeLessThan(2 ** 31);
        }
      }),
    );
  });

  it("counts a participant with more rows than agreed as one with just so many", () => {
    const { steps, sum } = recorded();
    train([madeRows(300, 4, 3), madeRows(25, 4, 4)], { sum });
    const weights = entry(steps, 0).map(({ parts }) => parts.find(({ name }) => name === "weight")?.values[0]);
    expect(weights).toEqual([1, 0.25]);
  });

  it("ends where nobody has rows, as it seems: a weight of nothing can be made up of others'", () => {
    const none = { values: new Float32Array(), labels: new Float32Array(), columns: 4 };
    expect(() => train([none, none])).toThrow("No sum of round 1 can be used");
  });

  it("says of a loss that overflows no more than that it is large", () => {
    const start = { shape: logistic, parameters: Float32Array.of(1e30, 0, 0, 0, 0) };
    const far = { values: Float32Array.of(1e30, 0, 0, 0), labels: Float32Array.of(1), columns: 4 };
    const weighting = { by: "rows", mostRows: 1 } as const;
    const [result] = runTogether([trainTogether(far, start, { ...terms, weighting }, { uniform: () => 0 })], plainSum);
    expect(result?.rounds.map(({ loss }) => loss)).toEqual([64, 64, 64]);
  });

  it.each([
    ["too many parameters", Float32Array.of(1, 2, 3, 4, 5, 6), "has 5 parameters, not 6"],
    ["a parameter that is no number", Float32Array.of(1, 2, Number.NaN, 4, 5), "Parameter 2 of the model is NaN"],
  ])("refuses to begin with %s", (_, parameters, message) => {
    const start = { shape: logistic, parameters };
    expect(() => trainTogether(madeRows(5, 4, 3), start, terms, { uniform: () => 0 }).next()).toThrow(message);
  });

  it.each<Partial<TrainingTerms>>([
    { rounds: 0 },
    { rounds: 1.5 },
    { mostParticipants: 0 },
    { weighting: { by: "rows", mostRows: 0 } },
    { clip: { norm: 0 } },
    { clip: { norm: Infinity } },
    { clip: { norm: 1, adaptive: { quantile: 1.1 } } },
    { clip: { norm: 1, adaptive: { rate: -1 } } },
    { clip: { norm: 1, adaptive: { countDeviation: 0 } } },
  ])("refuses the terms %j", (changed) => {
    expect(() => train([madeRows(5, 4, 3)], { terms: changed })).toThrow(RangeError);
  });

  it("refuses to go on with a model that diverged", () => {
    const local = { optimiser: { name: "momentum", learningRate: 100, momentum: 0.999 }, epochs: 10_000 } as const;
    const wild = { ...madeRows(5, 4, 3), values: new Float32Array(20).fill(3e38) };
    expect(() => train([wild], { terms: { local } })).toThrow("Training diverged");
  });
});
