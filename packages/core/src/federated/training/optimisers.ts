import { inRange } from "./range.js";

/** Plain gradient descent. */
export interface SgdTerms {
  readonly name: "sgd";
  /** Above 0, at most 100. */
  readonly learningRate: number;
}

/** Gradient descent with momentum (Polyak 1964), in the form v <- m v + g, x <- x - rate v. */
export interface MomentumTerms {
  readonly name: "momentum";
  /** Above 0, at most 100. */
  readonly learningRate: number;
  /** 0 to 0.999; 0.9 by default. */
  readonly momentum?: number;
}

/** Adam (Kingma and Ba, ICLR 2015, algorithm 1). */
export interface AdamTerms {
  readonly name: "adam";
  /** Above 0, at most 100; 0.001 by default. */
  readonly learningRate?: number;
  /** Of the mean of gradients, 0 to 0.999999; 0.9 by default. */
  readonly beta1?: number;
  /** Of the mean of squared gradients, 0 to 0.999999; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root in the denominator, 1e-12 to 1; 1e-8 by default. */
  readonly epsilon?: number;
}

/** How gradients move parameters: plain data, so that all participants can agree on it. */
export type OptimiserTerms = SgdTerms | MomentumTerms | AdamTerms;

/** Moves parameters step by step, and holds what it has to remember between steps. */
export interface Optimiser {
  /** One step against `gradient`; both are as long as the optimiser was made for. */
  step(parameters: Float32Array, gradient: Float32Array): void;
}

const rates = { atLeast: Number.MIN_VALUE, atMost: 100 };
const decays = { atLeast: 0, atMost: 0.999999 };

/** A fresh optimiser of `count` parameters. @throws RangeError for a term out of its range */
export function optimiserOf(terms: OptimiserTerms, count: number): Optimiser {
  if (terms.name === "sgd") return sgd(terms);
  return terms.name === "momentum" ? withMomentum(terms, count) : adam(terms, count);
}

function sgd({ learningRate }: SgdTerms): Optimiser {
  inRange("learningRate", learningRate, rates);
  return {
    step(parameters, gradient) {
      for (let at = 0; at < parameters.length; at++) parameters[at]! -= learningRate * gradient[at]!;
    },
  };
}

function withMomentum({ learningRate, momentum = 0.9 }: MomentumTerms, count: number): Optimiser {
  inRange("learningRate", learningRate, rates);
  inRange("momentum", momentum, { atLeast: 0, atMost: 0.999 });
  const velocity = new Float32Array(count);
  return {
    step(parameters, gradient) {
      for (let at = 0; at < parameters.length; at++) {
        const moved = momentum * velocity[at]! + gradient[at]!;
        velocity[at] = moved;
        parameters[at]! -= learningRate * moved;
      }
    },
  };
}

function adam(terms: AdamTerms, count: number): Optimiser {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = terms;
  inRange("learningRate", learningRate, rates);
  inRange("beta1", beta1, decays);
  inRange("beta2", beta2, decays);
  inRange("epsilon", epsilon, { atLeast: 1e-12, atMost: 1 });
  const means = new Float32Array(count);
  const squares = new Float32Array(count);
  let [power1, power2] = [1, 1];
  return {
    step(parameters, gradient) {
      power1 *= beta1;
      power2 *= beta2;
      for (let at = 0; at < parameters.length; at++) {
        const slope = gradient[at]!;
        const mean = beta1 * means[at]! + (1 - beta1) * slope;
        const square = beta2 * squares[at]! + (1 - beta2) * slope * slope;
        means[at] = mean;
        squares[at] = square;
        parameters[at]! -= (learningRate * (mean / (1 - power1))) / (Math.sqrt(square / (1 - power2)) + epsilon);
      }
    },
  };
}
