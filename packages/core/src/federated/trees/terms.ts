import { checkTerms, type SumTerms } from "../preprocessing/parts.js";
import { inRange } from "../training/range.js";

/** How trees are grown: public, and the same for all participants of a run. */
export interface TreeTerms extends SumTerms {
  /** Trees, 1 to 5,000. Default 200. */
  readonly trees?: number;
  /** Splits on the way to a leaf at most, 1 to 12: each level is one sum. Default 4. */
  readonly depth?: number;
  /** Share of a tree's correction that is applied, 1e-6 to 1. Default 0.05. */
  readonly learningRate?: number;
  /** Squared penalty on leaf values (lambda of Chen and Guestrin 2016, equation 2), from 0. Default 1. */
  readonly l2?: number;
  /** The least sum of second derivatives in a leaf, from 0; a record has at most 1/4. Default 1. */
  readonly leastChildWeight?: number;
  /** The least gain of a split (gamma of the same equation), from 0. Default 0. */
  readonly leastGain?: number;
  /** Share of the columns that a tree may look at, 1e-6 to 1. Default 1. */
  readonly columnShare?: number;
  /**
   * Added to a category's weight where categories are ordered by their mean gradient, so that rare ones lie in the
   * middle, from 0. Default 10.
   */
  readonly categorySmoothing?: number;
  /** Decides which columns each tree looks at. Default 1. */
  readonly seed?: number;
}

/** {@link TreeTerms} with every default filled in. */
export type FullTreeTerms = Required<TreeTerms>;

const defaults = {
  trees: 200,
  depth: 4,
  learningRate: 0.05,
  l2: 1,
  leastChildWeight: 1,
  leastGain: 0,
  columnShare: 1,
  categorySmoothing: 10,
  seed: 1,
  noiseVariance: 0,
};

/** `terms` with their defaults. @throws RangeError that names a term out of its range */
export function fullTreeTerms(terms: TreeTerms, rows: number): FullTreeTerms {
  checkTerms(terms, rows);
  const full = { ...defaults, ...terms };
  inRange("trees", full.trees, { atLeast: 1, atMost: 5000, whole: true });
  inRange("depth", full.depth, { atLeast: 1, atMost: 12, whole: true });
  inRange("learningRate", full.learningRate, { atLeast: 1e-6, atMost: 1 });
  inRange("l2", full.l2, { atLeast: 0, atMost: 1e9 });
  inRange("leastChildWeight", full.leastChildWeight, { atLeast: 0, atMost: 1e9 });
  inRange("leastGain", full.leastGain, { atLeast: 0, atMost: 1e9 });
  inRange("columnShare", full.columnShare, { atLeast: 1e-6, atMost: 1 });
  inRange("categorySmoothing", full.categorySmoothing, { atLeast: 0, atMost: 1e9 });
  inRange("seed", full.seed, { atLeast: 0, atMost: 2 ** 32 - 1, whole: true });
  return full;
}
