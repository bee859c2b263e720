import { plainSum, type Procedure, rowsOf, runTogether } from "@aegis-pool/core";
import {
  areaUnderCurve,
  type LabelledTable,
  type Scorer,
  syntheticLenders,
  trainTrees,
  trainWeights,
  type WeightsTerms,
} from "@aegis-pool/workload-credit";
import { describe, expect, it } from "vitest";
import { known } from "./known.js";

const sums = { mostParticipants: 10, mostRows: 5000 };
const salt = new Uint8Array(16).fill(1);
const weights: WeightsTerms = {
  features: { ...sums, salt, pieces: 4, leastParticipants: 1 },
  hidden: [],
  seed: 1,
  training: {
    rounds: 40,
    mostParticipants: 10,
    strategy: { name: "fed-adam", serverRate: 0.1 },
    local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 2 ** 20, l2: 0.002 },
    weighting: { by: "rows", mostRows: 5000 },
    clip: { norm: 10 },
  },
};

/** Every fourth applicant of each lender is left for the test. */
function parted({ table, labels }: LabelledTable, isTest: boolean): LabelledTable {
  const places = Array.from(labels.keys()).filter((place) => (place % 4 === 0) === isTest);
  return { table: rowsOf(table, places), labels: Uint8Array.from(places, (place) => known(labels[place])) };
}

const lenders = syntheticLenders({ seed: 1 }).map(({ applicants }) => applicants);
const training = lenders.map((lender) => parted(lender, false));
const testing = lenders.map((lender) => parted(lender, true));

function aucOf(procedures: readonly Procedure<Scorer>[]): number {
  const [score] = runTogether(procedures, plainSum);
  return areaUnderCurve(
    testing.flatMap(({ table }) => Array.from(known(score)(table))),
    testing.flatMap(({ labels }) => [...labels]),
  );
}

const byWeights = (parts: readonly LabelledTable[]) =>
  parts.map((lender) => trainWeights(lender, weights, { uniform: () => 0.5 }));

describe("synthetic applicants", () => {
  it("follow their seed to the last value", () => {
    expect(syntheticLenders({ seed: 1, applicants: 500 })).toEqual(syntheticLenders({ seed: 1, applicants: 500 }));
    expect(syntheticLenders({ seed: 2, applicants: 500 })).not.toEqual(syntheticLenders({ seed: 1, applicants: 500 }));
  });

  it("are as many as asked for, of lenders of very uneven sizes and unlike shares of bad credits", () => {
    const sizes = lenders.map(({ labels }) => labels.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeCloseTo(6000, -2);
    expect(known(sizes[0]) / known(sizes.at(-1))).toBeGreaterThan(8);
    const shares = lenders.map(({ labels }) => labels.reduce((sum, label) => sum + label, 0) / labels.length);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.04);
    expect(syntheticLenders({ seed: 3, lenders: 1, applicants: 50 })).toHaveLength(1);
  });

  it("let lenders learn together what the best of them does not learn alone, as real ones do", () => {
    const together = aucOf(byWeights(training));
    expect(together).toBeGreaterThan(0.75);
    expect(together).toBeLessThan(0.82);
    expect(aucOf(byWeights(training.slice(-1)))).toBeLessThan(together - 0.02);
    expect(aucOf(byWeights(training.slice(0, 1)))).toBeLessThan(together);
  });

  it("let lenders grow trees together", () => {
    const grown = training.map((lender) =>
      trainTrees(lender, { ...sums, salt, mostBins: 24 }, { ...sums, trees: 50, depth: 3, learningRate: 0.1 }),
    );
    expect(aucOf(grown)).toBeGreaterThan(0.74);
  });

  it.each([0, 1001, 2.5])("are refused for %d lenders", (count) => {
    expect(() => syntheticLenders({ lenders: count, seed: 1 })).toThrow("give a whole number from 1 to 1,000");
  });
});
