import { describe, expect, it } from "vitest";
import { plainSum } from "../../../src/federated/run-together.js";
import { LocalTrainer } from "../../../src/federated/training/local-trainer.js";
import { initialModel } from "../../../src/federated/training/network.js";
import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import type { TrainingTerms } from "../../../src/federated/training/terms.js";
import { type OutsideTrainer, trainOutside } from "../../../src/federated/training/train-outside.js";
import { type TrainedTogether, trainTogether } from "../../../src/federated/training/train-together.js";
import { network, terms as oneStep } from "./made-run.js";
import { madeRows } from "./made-rows.js";

/** More than one step in a round: at the first, FedProx's term is still 0. */
const terms = { ...oneStep, local: { ...oneStep.local, epochs: 3 } };
const start = initialModel(network, seededUniform(1));

/** Our engine, as if it were elsewhere, and the rounds that it was asked for. */
function elsewhere(rows: LabelledRows, random: () => number) {
  const asked: string[] = [];
  const trainer: OutsideTrainer = {
    train: ({ round, model: { parameters }, proximal }) => {
      asked.push(`train ${round}`);
      const engine = new LocalTrainer(network, rows, { ...terms.local, proximal });
      const loss = engine.meanLoss(parameters);
      const trained = parameters.slice();
      engine.train(trained, random);
      const update = Float64Array.from(trained, (value, at) => value - (parameters[at] ?? 0));
      return Promise.resolve({ update, loss, rows: rows.labels.length });
    },
    measure: ({ round, model }) => {
      asked.push(`measure ${round}`);
      const engine = new LocalTrainer(network, rows, terms.local);
      return Promise.resolve({ loss: engine.meanLoss(model.parameters), rows: rows.labels.length });
    },
  };
  return { trainer, asked };
}

/** A run of one participant with the engine here and one with the engine elsewhere: what each ends with, and what was asked of the latter. */
async function mixedRun(change: Partial<TrainingTerms> = {}) {
  const all = { ...terms, ...change };
  const { trainer, asked } = elsewhere(madeRows(40, 4, 2), seededUniform(8));
  const here = trainTogether(madeRows(60, 4, 1), start, all, { uniform: seededUniform(7) });
  const outside = trainOutside(trainer, start, all);
  let [one, other] = [here.next(), await outside.next()];
  while (!one.done && !other.done) {
    expect(other.value.parts.map(({ name, limit }) => [name, limit])).toEqual(
      one.value.parts.map(({ name, limit }) => [name, limit]),
    );
    const sums = plainSum([one.value, other.value]);
    [one, other] = [here.next(sums), await outside.next(sums)];
  }
  return { results: [one.value, other.value] as TrainedTogether[], asked };
}

describe("a participant who trains outside", () => {
  it.each<[string, Partial<TrainingTerms>, string[]]>([
    ["and tells its loss", {}, ["train 1", "train 2", "train 3", "measure 4"]],
    ["with FedProx", { strategy: { name: "fed-prox", proximal: 0.5 }, rounds: 2 }, ["train 1", "train 2", "measure 3"]],
    [
      "under privacy, where no loss is told",
      { privacy: { noiseMultiplier: 0.01, sharers: 2 }, weighting: { by: "participant" } },
      ["train 1", "train 2", "train 3"],
    ],
  ])("ends with the same model as one who trains here: %s", async (_, change, expected) => {
    const { results, asked } = await mixedRun(change);
    expect(results[1]).toEqual(results[0]);
    expect(results[0]?.model.parameters).not.toEqual(start.parameters);
    expect(asked).toEqual(expected);
  });

  it.each<[string, Partial<TrainingTerms>]>([
    ["plainly", {}],
    ["with FedProx", { strategy: { name: "fed-prox", proximal: 0.5 } }],
  ])("moves the model as two participants here do: %s", async (_, change) => {
    const { results } = await mixedRun(change);
    const all = { ...terms, ...change };
    const both = [
      trainTogether(madeRows(60, 4, 1), start, all, { uniform: seededUniform(7) }),
      trainTogether(madeRows(40, 4, 2), start, all, { uniform: seededUniform(8) }),
    ];
    let turns = both.map((each) => each.next());
    while (turns.some(({ done }) => done !== true)) {
      const sums = plainSum(turns.flatMap((turn) => (turn.done ? [] : [turn.value])));
      turns = both.map((each) => each.next(sums));
    }
    expect(turns[0]?.value).toEqual(results[0]);
  });

  it("cannot join a run that protects each row by itself", async () => {
    const local = { samplingRate: 0.1 } as unknown as TrainingTerms["local"];
    const { trainer } = elsewhere(madeRows(40, 4, 2), seededUniform(8));
    await expect(trainOutside(trainer, start, { ...terms, local }).next()).rejects.toThrow(/DP-SGD cannot be joined/);
  });

  it("ends where its trainer fails", async () => {
    const failing = {
      train: () => Promise.reject(new Error("out of memory")),
      measure: () => Promise.reject(new Error()),
    };
    await expect(trainOutside(failing, start, terms).next()).rejects.toThrow("out of memory");
  });
});
