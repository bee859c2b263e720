import {
  type ColumnBins,
  descendTogether,
  type FeatureMap,
  fitBins,
  fitFeatures,
  growTrees,
  binned,
  initialModel,
  type Measured,
  measureTogether,
  type Model,
  type Primitives,
  type Procedure,
  publicFeatures,
  RandomWords,
  seededUniform,
  tableOf,
  type TrainingTerms,
  trainTogether,
  type TreeModel,
} from "@aegis-pool/core";
import type { LabelledTable } from "../csv.js";
import { normal } from "../lenders.js";
import { labelledRows } from "../scorers.js";
import type { CreditSettings } from "./settings.js";

/** What participants have made together. */
export type CreditResult =
  | {
      readonly kind: "network";
      readonly model: Model;
      readonly features: FeatureMap;
      readonly measured: Measured | undefined;
    }
  | { readonly kind: "trees"; readonly model: TreeModel; readonly columns: readonly ColumnBins[] };

/** Of half the squared norm of the weights, divided by the rows. */
const penalty = 10;
/** Linear pieces of a numeric column's effect. */
const pieces = 4;
/** The norm that a record's gradient is clipped to, under privacy. */
const clipNorm = 1;

/**
 * The procedure of a plan "credit".
 * @param applicants of one participant; undefined: of who observes
 * @param primitives of the platform: bytes nobody can guess decide batches and noise
 */
export function creditProcedure(
  settings: CreditSettings,
  applicants: LabelledTable | undefined,
  primitives: Pick<Primitives, "randomBytes">,
): Procedure<CreditResult> {
  const own = applicants ?? { table: tableOf(settings.schema.columns, []), labels: new Uint8Array(0) };
  if (settings.model === "trees") return trees(settings, own);
  const words = new RandomWords((length) => primitives.randomBytes(length));
  const uniform = () => words.uniform();
  return settings.privacy ? privateNetwork(settings, settings.privacy, own, uniform) : network(settings, own, uniform);
}

/** Sums that a plan takes at most: for the features, for each round or level of a tree, for the loss and the measurement. */
export function mostSums({ model, rounds }: Pick<CreditSettings, "model" | "rounds">): number {
  return 16 + rounds * (model === "trees" ? treeDepth : 1);
}

const treeDepth = 4;

function sumTerms({ mostParticipants, mostRows, salt, seed }: CreditSettings) {
  return { mostParticipants, mostRows, salt, seed };
}

function* network(settings: CreditSettings, own: LabelledTable, uniform: () => number): Procedure<CreditResult> {
  const features = yield* fitFeatures(own.table, { ...sumTerms(settings), pieces });
  const rows = labelledRows(features, own);
  const start = startOf(settings, features);
  const { model } = yield* trainTogether(rows, start, trainingTerms(settings), { uniform });
  const measured = yield* measureTogether(rows, model, sumTerms(settings));
  return { kind: "network", model, features, measured };
}

function* privateNetwork(
  settings: CreditSettings,
  { noiseMultiplier, sharers, rows }: NonNullable<CreditSettings["privacy"]>,
  own: LabelledTable,
  uniform: () => number,
): Procedure<CreditResult> {
  // Features of public knowledge alone: what was fitted would have to be charged.
  const features = publicFeatures(settings.schema.columns, pieces, settings.salt);
  const terms = {
    ...{ steps: settings.rounds, clipNorm, samplingRate: 1, noiseMultiplier, sharers, rows },
    ...{ mostParticipants: settings.mostParticipants, mostRows: settings.mostRows },
    optimiser: { name: "adam", learningRate: 0.05 } as const,
    l2: penalty / rows,
  };
  const start = startOf(settings, features);
  const model = yield* descendTogether(labelledRows(features, own), start, terms, uniform, () => normal(uniform));
  return { kind: "network", model, features, measured: undefined };
}

function* trees(settings: CreditSettings, own: LabelledTable): Procedure<CreditResult> {
  const terms = { ...sumTerms(settings), trees: settings.rounds, depth: treeDepth, learningRate: 0.08 };
  const columns = yield* fitBins(own.table, { ...sumTerms(settings), mostBins: 32 });
  const model = yield* growTrees(binned(own.table, columns), own.labels, { ...terms, l2: 5, leastChildWeight: 3 });
  return { kind: "trees", model, columns };
}

function startOf({ model, hidden, seed }: CreditSettings, features: FeatureMap): Model {
  const widths = [features.width, ...(model === "mlp" ? hidden : []), 1];
  return initialModel({ widths, activation: "relu" }, seededUniform(seed));
}

/** One step of descent over all rows of each participant a round, which Adam takes further: it does not drift apart, however uneven they are. */
function trainingTerms({ rounds, mostParticipants, mostRows, model }: CreditSettings): TrainingTerms {
  return {
    rounds,
    mostParticipants,
    strategy: { name: "fed-adam", serverRate: model === "lr" ? 0.05 : 0.02 },
    local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 2 ** 20, l2: penalty / mostRows },
    weighting: { by: "rows", mostRows },
    clip: { norm: 10 },
  };
}
