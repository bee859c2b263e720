import {
  binned,
  type BinTerms,
  encode,
  type FeatureMap,
  type FeatureTerms,
  fitBins,
  fitFeatures,
  growTrees,
  initialModel,
  type LabelledRows,
  logitsOf,
  predictTrees,
  type Procedure,
  seededUniform,
  type Table,
  type TrainingRandomness,
  trainTogether,
  type TrainingTerms,
  type TreeTerms,
} from "@aegis-pool/core";
import type { LabelledTable } from "./csv.js";

/** Gives each applicant a score: log-odds that the credit is not paid back. */
export type Scorer = (table: Table) => ArrayLike<number>;

/** How a model of weights is made: features, then training. */
export interface WeightsTerms {
  readonly features: FeatureTerms;
  readonly training: TrainingTerms;
  /** Widths of hidden layers; none make a logistic regression. */
  readonly hidden: readonly number[];
  /** Decides the weights that all begin with: whole, 0 to 2^32 - 1. */
  readonly seed: number;
}

/**
 * Lenders train a logistic regression or a small network together: from columns to scores, nothing but sums leaves a
 * lender.
 */
export function* trainWeights(
  lender: LabelledTable,
  terms: WeightsTerms,
  random: TrainingRandomness,
): Procedure<Scorer> {
  const map = yield* fitFeatures(lender.table, terms.features);
  const shape = { widths: [map.width, ...terms.hidden, 1], activation: "relu" } as const;
  const start = initialModel(shape, seededUniform(terms.seed));
  const { model } = yield* trainTogether(labelledRows(map, lender), start, terms.training, random);
  return (table) => logitsOf(model, encode(map, table));
}

/** A lender's applicants as rows of features. */
export function labelledRows(map: FeatureMap, { table, labels }: LabelledTable): LabelledRows {
  return { values: encode(map, table), labels: Float32Array.from(labels), columns: map.width };
}

/** Lenders grow boosted trees together: from columns to scores, nothing but sums leaves a lender. */
export function* trainTrees(lender: LabelledTable, bins: BinTerms, terms: TreeTerms): Procedure<Scorer> {
  const columns = yield* fitBins(lender.table, bins);
  const model = yield* growTrees(binned(lender.table, columns), lender.labels, terms);
  return (table) => predictTrees(model, binned(table, columns));
}
