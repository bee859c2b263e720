import { checkTerms, type SumTerms } from "../preprocessing/parts.js";

/** How trees are grown: public, and the same for all participants of a run. */
export interface TreeTerms extends SumTerms {
  /** Trees, 1 to 5,000. Default 200. */
  readonly trees?: number;
  /** Splits on the way to a leaf at most, 1 to 12: each level is one sum. Default 4. */
  readonly depth?: number;
  /** Share of a tree's correction that is applied, above 0 to 1. Default 0.05. */
  readonly learningRate?: number;
  /** Squared penalty on leaf values (lambda of Chen and Guestrin 2016, equation 2), from 0. Default 1. */
  readonly l2?: number;
  /** The least sum of second derivatives in a leaf, from 0; a record has at most 1/4. Default 1. */
  readonly childWeightMin?: number;
  /** The least gain of a split (gamma of the same equation), from 0. Default 0. */
  readonly gainMin?: number;
  /** Share of the columns that a tree may look at, above 0 to 1. Default 1. */
  readonly columnShare?: number;
  /** Added to a category's weight where categories are ordered by their mean gradient, so that rare ones lie in the middle, from 0. Default 10. */
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
  childWeightMin: 1,
  gainMin: 0,
  columnShare: 1,
  categorySmoothing: 10,
  seed: 1,
};

/** `terms` with their defaults. Throws a RangeError that names a term outside its range. */
export function fullTreeTerms(terms: TreeTerms, rows: number): FullTreeTerms {
  checkTerms(terms, rows);
  const full = { ...defaults, ...terms };
  const within = (name: keyof FullTreeTerms, low: number, high: number, whole = false) => {
    const value = full[name];
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) return;
    throw new RangeError(`${name} of trees is ${value}: give ${whole ? "a whole number from " : ""}${low} to ${high}`);
  };
  within("trees", 1, 5000, true);
  within("depth", 1, 12, true);
  within("learningRate", 1e-6, 1);
  within("l2", 0, 1e9);
  within("childWeightMin", 0, 1e9);
  within("gainMin", 0, 1e9);
  within("columnShare", 1e-6, 1);
  within("categorySmoothing", 0, 1e9);
  within("seed", 0, 2 ** 32 - 1, true);
  return full;
}
