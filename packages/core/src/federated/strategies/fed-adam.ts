import { inRange } from "../training/range.js";
import type { Strategy } from "./strategy.js";

/**
 * Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar and McMahan, "Adaptive Federated Optimization", ICLR 2021, algorithm 2 (FedAdam): the mean update is taken for a
 * gradient, with the other sign, and Adam, without correction of its bias as in the paper, moves the model.
 */
export interface FedAdamTerms {
  readonly name: "fed-adam";
  /** The paper's eta, above 0, at most 10; 0.01 by default. */
  readonly serverRate?: number;
  /** 0 to 0.999999; 0.9 by default. */
  readonly beta1?: number;
  /** 0 to 0.999999; 0.99 by default, the paper's. */
  readonly beta2?: number;
  /** How much it adapts: the less, the more. 1e-9 to 1; 0.001 by default, the paper's. Second moments begin at its square. */
  readonly tau?: number;
}

/** @param count of parameters @throws RangeError for a term out of its range */
export function fedAdam(terms: Omit<FedAdamTerms, "name">, count: number): Strategy {
  const { serverRate = 0.01, beta1 = 0.9, beta2 = 0.99, tau = 0.001 } = terms;
  inRange("serverRate", serverRate, { atLeast: Number.MIN_VALUE, atMost: 10 });
  inRange("beta1", beta1, { atLeast: 0, atMost: 0.999999 });
  inRange("beta2", beta2, { atLeast: 0, atMost: 0.999999 });
  inRange("tau", tau, { atLeast: 1e-9, atMost: 1 });
  const means = new Float64Array(count);
  const squares = new Float64Array(count).fill(tau * tau);
  return {
    proximal: 0,
    apply(parameters, meanUpdate) {
      for (let at = 0; at < parameters.length; at++) {
        const update = meanUpdate[at]!;
        const mean = beta1 * means[at]! + (1 - beta1) * update;
        const square = beta2 * squares[at]! + (1 - beta2) * update * update;
        means[at] = mean;
        squares[at] = square;
        parameters[at]! += (serverRate * mean) / (Math.sqrt(square) + tau);
      }
    },
  };
}
