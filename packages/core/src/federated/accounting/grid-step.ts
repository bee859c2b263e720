import { type PrivacyAim, decidingOrder, type RenyiCurve, renyiEpsilon } from "./renyi.js";

/** What rounding may add to epsilon: this part of it, and as much of `leastEpsilon`. */
const tightness = 4e-4;
const leastEpsilon = 0.02;
/** The largest step, as a part of the standard deviation of the sum of losses. */
const smallPart = 0.04;

/**
 * A step of the grid of losses, in nats, with which rounding moves epsilon by less than about a thousandth. Between two grid points a
 * loss gets a variance of h^2/6 on average while P and Q keep their sum, so log moments of order theta = alpha - 1 grow by about
 * theta alpha h^2/12 with each use, and epsilon, where Chernoff's bound decides, by alpha h^2/12. The order that decides is
 * that of the Renyi curve. A few uses may have a curve of delta that bends sharply: the step is also small against the spread of the
 * sum of losses, whose variance is about twice its mean, and that is the divergence of order one.
 *
 * @param uses how many losses add up.
 * @param curve of all uses together.
 */
export function fineStep(uses: number, curve: RenyiCurve, aim: PrivacyAim): number {
  const epsilon = "delta" in aim ? renyiEpsilon(curve, aim.delta) : aim.epsilon;
  const spread = Math.sqrt(2 * (curve[0] ?? 0));
  const even = Math.sqrt((12 * tightness * (epsilon + leastEpsilon)) / (uses * decidingOrder(curve, aim)));
  return Math.min(even, smallPart * spread);
}
