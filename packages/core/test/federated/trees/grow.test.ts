import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binned, type BinTerms, fitBins } from "../../../src/federated/preprocessing/bins.js";
import { type Cell, rowsOf, type Table, tableOf } from "../../../src/federated/preprocessing/table.js";
import { plainSum, runTogether, type StepSum } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { growTrees } from "../../../src/federated/trees/grow.js";
import type { TreeTerms } from "../../../src/federated/trees/terms.js";
import { predictTrees, type TreeModel, type TreeNode } from "../../../src/federated/trees/tree.js";
import { inTwoGroups, roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const binTerms: BinTerms = {
  mostParticipants: 20,
  mostRows: 2000,
  mostBins: 32,
  precisionBits: 32,
  leastParticipants: 1,
  leastRecords: 0,
  salt: new Uint8Array(16).fill(3),
};
const terms: TreeTerms = { mostParticipants: 20, mostRows: 500, trees: 8, depth: 3, learningRate: 0.3 };
const rounded = roundedSum(seededUniform(1), terms.mostParticipants);

interface Records {
  readonly table: Table;
  readonly labels: Uint8Array;
}

/** Grows from the bins of the pooled records, cut into parts of `sizes`. */
function grow(records: Records, sizes: readonly number[], changed: Partial<TreeTerms> = {}, sum: StepSum = rounded) {
  const [columns] = runTogether([fitBins(records.table, binTerms)], plainSum);
  const all = binned(records.table, known(columns));
  const models = runTogether(
    cut(records, sizes).map(({ table, labels }) =>
      growTrees(binned(table, known(columns)), labels, { ...terms, ...changed }),
    ),
    sum,
  );
  for (const model of models) expect(model).toEqual(models[0]);
  return { model: known(models[0]), scores: predictTrees(known(models[0]), all), all };
}

function cut({ table, labels }: Records, sizes: readonly number[]): Records[] {
  let from = 0;
  return sizes.map((size) => {
    const places = Array.from({ length: size }, (_, at) => from + at);
    from += size;
    return { table: rowsOf(table, places), labels: Uint8Array.from(places, (place) => known(labels[place])) };
  });
}

/** Whole numbers by a formula, so that another program can have the same: a ninth of `b` is unknown. */
function formulaRecords(): Records {
  const rows = Array.from({ length: 240 }, (_, i) => ({
    a: (i * 7919) % 17,
    b: (i * 104_729) % 11,
    c: (i * 1_299_709) % 5,
  }));
  const labels = rows.map(({ a, c }, i) => (a > 8 !== (i * 31) % 7 < 2 && !(c === 3 && i % 3 === 0) ? 1 : 0));
  const cells = rows.map(({ a, b, c }, i): Cell[] => [a, i % 9 === 0 ? null : b, c]);
  const columns = ["a", "b", "c"].map((name) => ({ name, kind: "number" as const }));
  return { table: tableOf(columns, cells), labels: Uint8Array.from(labels) };
}

/** Records of a number with ties, a number without, and a category, whose label depends on all three. */
function madeRecords(count: number, seed: number): Records {
  const random = seededUniform(seed);
  const cells = Array.from({ length: count }, (): Cell[] => [
    Math.floor(6 * random()),
    random() < 0.2 ? null : Math.exp(3 * random()),
    "abcde".charAt(Math.floor(5 * random())),
  ]);
  const labels = cells.map(([one, other, name]) => {
    const score = Number(one) - 2 + (other === null ? 1 : Number(other) / 10) + (name === "b" || name === "d" ? 2 : -2);
    return random() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
  const columns = [
    { name: "one", kind: "number" },
    { name: "other", kind: "money" },
    { name: "name", kind: "category" },
  ] as const;
  return { table: tableOf(columns, cells), labels: Uint8Array.from(labels) };
}

const lossOf = (scores: Float64Array, labels: Uint8Array) =>
  scores.reduce((sum, score, at) => sum + Math.log1p(Math.exp(labels[at] === 1 ? -score : score)), 0) / scores.length;
const branchesOf = (tree: readonly TreeNode[]) => tree.flatMap((node) => ("value" in node ? [] : [node]));
/** The branches of the first three trees. */
const shape = ({ trees }: TreeModel) => trees.slice(0, 3).map(branchesOf);
const closeTo = (values: Iterable<number>, digits: number) =>
  Array.from(values, (value) => expect.closeTo(value, digits));

describe("trees grown together", () => {
  it("are those of XGBoost for the same terms and bins", () => {
    // Margins of XGBoost 3.2.0: tree_method exact, eta 0.3, max_depth 3, lambda 1.5, min_child_weight 2, 5 rounds,
    // base_score 112.5 / 241.
    const { scores, model } = grow(formulaRecords(), [240], { trees: 5, l2: 1.5, leastChildWeight: 2 }, plainSum);
    const published = [
      -0.63115, 0.59223, 0.24722, -0.81747, -0.81747, -0.75433, 0.59223, -0.19566, 0.92771, -0.74129, -0.81747,
      -0.59469,
    ];
    expect([...scores.subarray(0, 12)]).toEqual(closeTo(published, 4));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(-36.0219, 2);
    expect(scores.reduce((sum, score) => sum + score * score, 0)).toBeCloseTo(122.4997, 2);
    // Its first tree: a at most 8, then c at most 2, then c at most 3.
    expect(branchesOf(known(model.trees[0])).map(({ column, leftBins }) => [column, Math.max(...leftBins)])).toEqual([
      [0, 9],
      [2, 3],
      [2, 4],
    ]);
  });

  it("are the trees of the pooled records, whoever has which, up to the quanta of the sums", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 5 }),
        (seed, sizes) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const records = madeRecords(total, seed);
          const [apart, pooled] = [grow(records, sizes), grow(records, [total], {}, plainSum)];
          // A rounded sum may prefer the other of two splits that gain the same: compared is how well they fit, but for two records.
          expect(apart.model.base).toBeCloseTo(pooled.model.base, 10);
          expect(
            Math.abs(lossOf(apart.scores, records.labels) - lossOf(pooled.scores, records.labels)) || 0,
          ).toBeLessThan(0.01 + 2 / total);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("have the very splits of the pooled records where no two gain the same", () => {
    const records = madeRecords(400, 11);
    const [apart, pooled] = [grow(records, [250, 0, 1, 149]), grow(records, [400], {}, plainSum)];
    expect(shape(apart.model)).toEqual(shape(pooled.model));
    expect([...apart.scores]).toEqual(closeTo(pooled.scores, 2));
  });

  it("are the same where the sum comes in groups", () => {
    const records = madeRecords(300, 5);
    const grouped = grow(records, [100, 100, 50, 50], {}, inTwoGroups(plainSum));
    expect([...grouped.scores]).toEqual(closeTo(grow(records, [100, 100, 50, 50], {}, plainSum).scores, 6));
  });

  it("learn: the loss falls with every tree", () => {
    const records = madeRecords(400, 7);
    const { model, all } = grow(records, [200, 150, 50]);
    const losses = model.trees.map((_, at) =>
      lossOf(predictTrees({ ...model, trees: model.trees.slice(0, at + 1) }, all), records.labels),
    );
    expect(losses).toEqual(losses.toSorted((one, other) => other - one));
    expect(losses.at(-1)).toBeLessThan(0.45);
  });

  it("part categories by what they say, not by their order", () => {
    const names = ["a", "b", "c", "d"];
    const cells = Array.from({ length: 200 }, (_, at): Cell[] => [known(names[at % 4])]);
    const labels = Uint8Array.from(cells, ([name]) => (name === "a" || name === "c" ? 1 : 0));
    const records = { table: tableOf([{ name: "name", kind: "category" }], cells), labels };
    const { model, scores } = grow(records, [120, 80], { trees: 1, depth: 1 });
    expect(known(branchesOf(known(model.trees[0]))[0]).leftBins).toHaveLength(2);
    expect(new Set(Array.from(labels, (label, at) => `${label} ${Math.sign(known(scores[at]))}`))).toEqual(
      new Set(["1 1", "0 -1"]),
    );
  });

  it("send unknown values to the side where they belong", () => {
    const cells = Array.from({ length: 120 }, (_, at): Cell[] => [at % 3 === 0 ? null : at]);
    for (const positive of [
      (value: Cell) => value === null || Number(value) < 60,
      (value: Cell) => value === null || Number(value) >= 60,
    ]) {
      const labels = Uint8Array.from(cells, ([value]) => (positive(known(value)) ? 1 : 0));
      const { scores } = grow({ table: tableOf([{ name: "it", kind: "number" }], cells), labels }, [60, 60], {
        trees: 1,
        depth: 1,
      });
      expect(lossOf(scores, labels)).toBeLessThan(0.6);
      expect(
        new Set(
          Array.from(labels.keys())
            .filter((at) => at % 3 === 0)
            .map((at) => known(scores[at]) > 0),
        ),
      ).toEqual(new Set([true]));
    }
  });

  it("are a base alone where all labels are the same, where nobody has records, and where columns say nothing", () => {
    const records = madeRecords(50, 3);
    const none = grow({ ...records, labels: new Uint8Array(50) }, [30, 20]);
    expect(none.model.base).toBeCloseTo(Math.log(0.5 / 50.5), 10);
    for (const { model } of [none, grow(madeRecords(0, 1), [0, 0])]) {
      expect(model.trees.flatMap(branchesOf)).toEqual([]);
      expect(Number.isFinite(model.base)).toBe(true);
    }
    const constant = tableOf(
      [{ name: "it", kind: "number" }],
      Array.from({ length: 20 }, () => [4]),
    );
    const said = grow({ table: constant, labels: Uint8Array.from({ length: 20 }, (_, at) => at % 2) }, [10, 10]);
    expect(said.model.trees.flatMap(branchesOf)).toEqual([]);
  });

  it("learn from a participant without positives and one without negatives", () => {
    const { table, labels } = madeRecords(300, 9);
    const order = Array.from(labels.keys()).toSorted((one, other) => known(labels[one]) - known(labels[other]));
    const sorted = { table: rowsOf(table, order), labels: Uint8Array.from(order, (place) => known(labels[place])) };
    const negatives = sorted.labels.indexOf(1);
    const { scores } = grow(sorted, [negatives, 300 - negatives]);
    expect(lossOf(scores, sorted.labels)).toBeLessThan(0.45);
  });

  it("look at the columns that the seed draws, the same at every participant", () => {
    const records = madeRecords(200, 2);
    const { model } = grow(records, [150, 50], { trees: 12, columnShare: 0.34 });
    const columns = model.trees.map((tree) => new Set(branchesOf(tree).map(({ column }) => column)));
    expect(Math.max(...columns.map(({ size }) => size))).toBe(1);
    expect(new Set(columns.flatMap((each) => [...each]))).toEqual(new Set([0, 1, 2]));
    expect(grow(records, [150, 50], { trees: 12, columnShare: 0.34, seed: 2 }).model).not.toEqual(model);
  });

  it("keep the least weight and the least gain of a split", () => {
    const records = madeRecords(300, 6);
    expect(grow(records, [300], { leastChildWeight: 1e6 }).model.trees.flatMap(branchesOf)).toEqual([]);
    expect(grow(records, [300], { leastGain: 1e6 }).model.trees.flatMap(branchesOf)).toEqual([]);
    const [all, some] = [0, 3].map(
      (leastGain) => grow(records, [300], { leastGain }).model.trees.flatMap(branchesOf).length,
    );
    expect(some).toBeLessThan(known(all));
  });

  it("still learn under noise that hides a record, the same at every participant", () => {
    const records = madeRecords(2000, 12);
    const changed = { mostRows: 1500, noiseVariance: 4, trees: 10, leastChildWeight: 20 };
    const { scores } = grow(records, [1200, 500, 300], changed);
    expect(lossOf(scores, records.labels)).toBeLessThan(0.55);
    expect([...scores]).not.toEqual(
      closeTo(grow(records, [1200, 500, 300], { ...changed, noiseVariance: 0 }).scores, 2),
    );
  });

  it("need as many sums as a tree has levels, and one for the labels", () => {
    let steps = 0;
    grow(madeRecords(200, 4), [100, 100], { trees: 5, depth: 3 }, (asked) => {
      steps++;
      return plainSum(asked);
    });
    expect(steps).toBe(1 + 5 * 3);
  });

  it("are plain values: what JSON keeps predicts the same", () => {
    const { model, scores, all } = grow(madeRecords(100, 8), [60, 40]);
    expect(predictTrees(JSON.parse(JSON.stringify(model)) as TreeModel, all)).toEqual(scores);
  });

  it.each([
    [{ trees: 0 }, "trees must be"],
    [{ depth: 13 }, "depth must be"],
    [{ learningRate: 0 }, "learningRate must be"],
    [{ l2: -1 }, "l2 must be"],
    [{ leastChildWeight: Number.NaN }, "leastChildWeight must be"],
    [{ leastGain: -1 }, "leastGain must be"],
    [{ columnShare: 1.5 }, "columnShare must be"],
    [{ categorySmoothing: -1 }, "categorySmoothing must be"],
    [{ seed: 0.5 }, "seed must be"],
    [{ mostRows: 10 }, "rows of this participant must be"],
  ] as [Partial<TreeTerms>, string][])("refuse %o", (wrong, message) => {
    expect(() => grow(madeRecords(20, 1), [20], wrong)).toThrow(message);
  });

  it("refuse a table without columns", () => {
    const empty = { table: tableOf([], [[], []]), labels: Uint8Array.of(0, 1) };
    expect(() => grow(empty, [2])).toThrow("trees need a column at least");
  });

  it("refuse labels that are neither 0 nor 1, or not one per record", () => {
    const records = madeRecords(20, 1);
    expect(() => grow({ ...records, labels: records.labels.with(7, 2) }, [20])).toThrow("label 7 is 2: give 0 or 1");
    const { all } = grow(records, [20]);
    expect(() => growTrees(all, records.labels.subarray(1), terms).next()).toThrow("19 labels for 20 records");
  });
});
