import { inRange } from "../training/range.js";
import { fedAvg } from "./fed-avg.js";
import type { Strategy } from "./strategy.js";

/**
 * Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith, "Federated Optimization in Heterogeneous Networks", MLSys 2020, algorithm 2: FedAvg whose participants minimise
 * their own loss plus mu/2 of the squared distance from the round's model, so that unlike ones do not run away from each other.
 */
export interface FedProxTerms {
  readonly name: "fed-prox";
  /** The paper's mu, 0 (then it is FedAvg) to 1,000; 0.01 by default. The paper tries 0.001 to 1. */
  readonly proximal?: number;
  /** As in FedAvg: above 0, at most 10; 1 by default. */
  readonly serverRate?: number;
}

/** @throws RangeError for a term out of its range */
export function fedProx({ proximal = 0.01, serverRate = 1 }: Omit<FedProxTerms, "name">): Strategy {
  inRange("proximal", proximal, { atLeast: 0, atMost: 1000 });
  return { ...fedAvg({ serverRate }), proximal };
}
