import { fedAdam, type FedAdamTerms } from "./fed-adam.js";
import { fedAvg, type FedAvgTerms } from "./fed-avg.js";
import { fedProx, type FedProxTerms } from "./fed-prox.js";

/** How a round's mean update moves the model: plain data, agreed by all participants. */
export type StrategyTerms = FedAvgTerms | FedProxTerms | FedAdamTerms;

/**
 * What a strategy does. Every participant runs it over the same sums and must get the same model to the bit, so it uses nothing but the four operations and square
 * roots, which IEEE 754 rounds in one way everywhere.
 */
export interface Strategy {
  /** Weight of the proximal term in the participants' objective; 0 for none. */
  readonly proximal: number;
  /** Moves the parameters by the mean update of a round. */
  apply(parameters: Float32Array, meanUpdate: Float64Array): void;
}

/** A fresh strategy for a model of `count` parameters. @throws RangeError for a term out of its range */
export function strategyOf(terms: StrategyTerms, count: number): Strategy {
  if (terms.name === "fed-avg") return fedAvg(terms);
  return terms.name === "fed-prox" ? fedProx(terms) : fedAdam(terms, count);
}
