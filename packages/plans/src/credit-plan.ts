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
  type NetworkShape,
  parameterCount,
  type Procedure,
  publicFeatures,
  RandomWords,
  seededUniform,
  tableOf,
  type TrainingTerms,
  trainTogether,
  type TreeModel,
} from "@aegis-pool/core";
import { labelledRows, type LabelledTable, normal } from "@aegis-pool/workload-credit";
import { primitives } from "@aegis-pool/platform";
import type { CreditSettings } from "./credit-settings.js";
import { type RecordPromise, sharedTerms } from "./training-settings.js";

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

/** The procedure of a plan "credit", for one participant's applicants; without them, for who observes. */
export function creditProcedure(settings: CreditSettings, applicants?: LabelledTable): Procedure<CreditResult> {
  const own = applicants ?? { table: tableOf(settings.schema.columns, []), labels: new Uint8Array(0) };
  if (settings.model === "trees") return trees(settings, own);
  return settings.privacy?.per === "record" ? descent(settings, settings.privacy, own) : network(settings, own);
}

/** Sums that a plan takes at most: for the features, for each round or level of a tree, for the loss and the measurement. */
export function mostSums({ model, rounds, measureEvery }: CreditSettings): number {
  return 16 + rounds * (model === "trees" ? treeDepth : 1) + Math.floor(rounds / (measureEvery ?? Infinity));
}

const treeDepth = 4;

/** Values of one sum at most: of a model whose width is known beforehand with its weight, loss and count, or of a measurement; else histograms of all columns at once. */
export function mostValues(settings: CreditSettings): number {
  if (settings.model === "trees" || !(settings.privacy || settings.robust)) return 2 ** 19;
  return Math.max(2 * measuredBins, parameterCount(shapeOf(settings, knownFeatures(settings))) + 3);
}

/** Of the histogram that a model is measured by. */
const measuredBins = 2_048;

function sumTerms({ mostParticipants, mostRows, salt, seed }: CreditSettings) {
  return { mostParticipants, mostRows, salt, seed };
}

function* network(settings: CreditSettings, own: LabelledTable): Procedure<CreditResult> {
  const features = isPublic(settings)
    ? knownFeatures(settings)
    : yield* fitFeatures(own.table, { ...sumTerms(settings), pieces });
  const words = new RandomWords((length) => primitives.randomBytes(length));
  const rows = labelledRows(features, own);
  const [start, terms] = [startOf(settings, features), trainingTerms(settings)];
  const measure = (made: Model) => measureTogether(rows, made, { ...sumTerms(settings), bins: measuredBins });
  const { rounds, measureEvery = rounds } = settings;
  const random = { uniform: () => words.uniform() };
  const { model } = yield* trainTogether(rows, start, terms, random, function* ({ round }, made) {
    if (round % measureEvery === 0 && round < rounds) yield* measure(made);
  });
  // Nothing was charged for measuring where a participant is promised privacy.
  const measured = settings.privacy ? undefined : yield* measure(model);
  return { kind: "network", model, features, measured };
}

/** The training whose features are known before any sum; undefined for others. */
export function publicTraining(settings: CreditSettings): { start: Model; terms: TrainingTerms } | undefined {
  if (!isPublic(settings)) return undefined;
  return { start: startOf(settings, knownFeatures(settings)), terms: trainingTerms(settings) };
}

/** Whether features are of public knowledge alone: under privacy, what was fitted would have to be charged; where some may be poisoned, one of them could choose what is fitted. */
function isPublic({ model, privacy, robust }: CreditSettings): boolean {
  return model !== "trees" && (privacy?.per === "participant" || robust !== undefined);
}

function knownFeatures({ schema, salt }: CreditSettings): FeatureMap {
  return publicFeatures(schema.columns, pieces, salt);
}

function* descent(
  settings: CreditSettings,
  { noiseMultiplier, sharers, rows }: RecordPromise,
  own: LabelledTable,
): Procedure<CreditResult> {
  const features = knownFeatures(settings);
  const terms = {
    ...{ steps: settings.rounds, clipNorm, samplingRate: 1, noiseMultiplier, sharers, rows },
    ...{ mostParticipants: settings.mostParticipants, mostRows: settings.mostRows },
    optimiser: { name: "adam", learningRate: 0.05 } as const,
    l2: penalty / rows,
  };
  const words = new RandomWords((length) => primitives.randomBytes(length));
  const uniform = () => words.uniform();
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

function startOf(settings: CreditSettings, features: FeatureMap): Model {
  return initialModel(shapeOf(settings, features), seededUniform(settings.seed));
}

function shapeOf({ model, hidden }: CreditSettings, features: FeatureMap): NetworkShape {
  return { widths: [features.width, ...(model === "mlp" ? hidden : []), 1], activation: "relu" };
}

/**
 * With what averages, each goes through its rows in batches. With FedAdam, one step of descent over all rows of each participant a round, which Adam takes further: it does not
 * drift apart, however uneven they are.
 */
function trainingTerms(settings: CreditSettings): TrainingTerms {
  const { mostRows, local, strategy = { name: "fed-adam", serverRate: adamRate(settings) } } = settings;
  const l2 = penalty / mostRows;
  if (!local) {
    return {
      ...sharedTerms(settings),
      ...{ strategy, local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 2 ** 20, l2 } },
    };
  }
  const { epochs, learningRate } = local;
  return {
    ...sharedTerms(settings),
    ...{ strategy, local: { optimiser: { name: "sgd", learningRate }, batchRows: 32, epochs, l2 } },
  };
}

/** How far FedAdam goes, unless the plan says. */
export function adamRate({ model }: Pick<CreditSettings, "model">): number {
  return model === "lr" ? 0.05 : 0.02;
}
