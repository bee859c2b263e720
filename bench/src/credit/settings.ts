import type { CategoryTerms, DescentTerms, TreeTerms } from "@aegis-pool/core";
import { type CreditSchema, german, taiwan, type WeightsTerms } from "@aegis-pool/workload-credit";

/**
 * One file of applicants and how models are trained on it. Chosen by hand on these very files: a little, and for no
 * privacy budget.
 */
export interface CreditSettings {
  readonly schema: CreditSchema;
  readonly file: string;
  readonly logistic: WeightsSettings;
  readonly network: WeightsSettings;
  readonly trees: TreesSettings;
  readonly descent: DescentSettings;
  /** Differential privacy holds but for this probability. */
  readonly delta: number;
  /** AUC that others have reached, from the table beside the files. */
  readonly reference: Readonly<Record<string, number>>;
}

/** A model of weights. */
export interface WeightsSettings {
  readonly pieces: number;
  readonly hidden: readonly number[];
  readonly rounds: number;
  readonly serverRate: number;
}

/** Boosted trees. */
export interface TreesSettings {
  readonly mostBins: number;
  readonly terms: Omit<TreeTerms, "mostParticipants" | "mostRows" | "seed">;
}

/** A logistic regression under differential privacy. */
export interface DescentSettings extends Pick<DescentTerms, "steps" | "clipNorm"> {
  readonly pieces: number;
  readonly learningRate: number;
}

/**
 * Lenders, and by how many of them private noise is shared: two may collude, and what they know of the noise does not
 * count.
 */
export const lenders = 10;
export const sharers = 8;

/** Of half the squared norm of the weights, divided by the rows. */
export const penalty = 10;

/** The epsilons of the private rows. */
export const epsilons = [1, 3, 8] as const;

/** 16 bytes that all lenders of a run know. */
export const salt = Uint8Array.from({ length: 16 }, (_, at) => 11 * at + 3);

/** Both files. */
export const settings: readonly CreditSettings[] = [
  {
    schema: german,
    file: "german_credit.csv",
    logistic: { pieces: 4, hidden: [], rounds: 60, serverRate: 0.05 },
    network: { pieces: 4, hidden: [16], rounds: 100, serverRate: 0.02 },
    trees: {
      mostBins: 32,
      terms: { trees: 150, depth: 3, learningRate: 0.05, columnShare: 0.4, leastChildWeight: 3, l2: 5 },
    },
    descent: { pieces: 1, steps: 20, clipNorm: 1, learningRate: 0.05 },
    delta: 1e-4,
    reference: {
      Lr: 0.79,
      Mlp: 0.791,
      Trees: 0.784,
      LrEqual: 0.788,
      LrDirichlet: 0.786,
      LrAlone: 0.719,
      LrEpsilon1: 0.76,
      LrEpsilon3: 0.772,
      LrEpsilon8: 0.773,
    },
  },
  {
    schema: taiwan,
    file: "taiwan_default.csv",
    logistic: { pieces: 4, hidden: [], rounds: 80, serverRate: 0.05 },
    network: { pieces: 4, hidden: [16], rounds: 100, serverRate: 0.02 },
    trees: {
      mostBins: 64,
      terms: { trees: 200, depth: 4, learningRate: 0.06, columnShare: 0.3, leastChildWeight: 20, l2: 10 },
    },
    descent: { pieces: 6, steps: 80, clipNorm: 1, learningRate: 0.05 },
    delta: 1e-5,
    reference: {
      Lr: 0.779,
      Mlp: 0.78,
      Trees: 0.785,
      LrEqual: 0.779,
      LrDirichlet: 0.777,
      LrAlone: 0.764,
      LrEpsilon1: 0.77,
      LrEpsilon3: 0.771,
      LrEpsilon8: 0.771,
    },
  },
];

/**
 * Terms of all sums. A category is listed where three lenders have it; a model of one or two parties lists all that
 * they have.
 */
export function commonTerms(rows: number, participants: number): CategoryTerms {
  return { mostParticipants: lenders, mostRows: rows, salt, leastParticipants: participants >= 3 ? 3 : 1 };
}

/**
 * Terms of training: each round one step of gradient descent over all rows of each lender, which the server's Adam
 * takes further. With more local steps lenders with unlike applicants drift apart (see the row of FedAvg); one step a
 * round costs nothing, however uneven lenders are.
 */
export function weightsTerms(
  { pieces, hidden, rounds, serverRate }: WeightsSettings,
  common: CategoryTerms,
  seed: number,
): WeightsTerms {
  const { mostParticipants, mostRows } = common;
  return {
    features: { ...common, pieces },
    hidden,
    seed,
    training: {
      rounds,
      mostParticipants,
      strategy: { name: "fed-adam", serverRate },
      local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 2 ** 20, l2: penalty / mostRows },
      weighting: { by: "rows", mostRows },
      clip: { norm: 10 },
    },
  };
}

/** The same by plain FedAvg (McMahan et al. 2017): an epoch of small batches a round. */
export function averagingTerms(model: WeightsSettings, common: CategoryTerms, seed: number): WeightsTerms {
  const terms = weightsTerms(model, common, seed);
  const local = { ...terms.training.local, optimiser: { name: "sgd", learningRate: 0.1 }, batchRows: 32 } as const;
  return { ...terms, training: { ...terms.training, strategy: { name: "fed-avg" }, local } };
}
