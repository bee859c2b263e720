import { inRange } from "../training/range.js";
import type { Strategy } from "./strategy.js";

/**
 * Federated averaging: McMahan, Moore, Ramage, Hampson and Agüera y Arcas, "Communication-Efficient Learning of Deep Networks from Decentralized Data", AISTATS 2017,
 * algorithm 1. The model becomes the mean of the models that participants trained from it.
 */
export interface FedAvgTerms {
  readonly name: "fed-avg";
  /** How far the model goes along the mean update, above 0, at most 10; 1, the paper's, by default. */
  readonly serverRate?: number;
}

/** @throws RangeError for a term out of its range */
export function fedAvg({ serverRate = 1 }: Omit<FedAvgTerms, "name">): Strategy {
  inRange("serverRate", serverRate, { atLeast: Number.MIN_VALUE, atMost: 10 });
  return {
    proximal: 0,
    apply(parameters, meanUpdate) {
      for (let at = 0; at < parameters.length; at++) parameters[at]! += serverRate * meanUpdate[at]!;
    },
  };
}
