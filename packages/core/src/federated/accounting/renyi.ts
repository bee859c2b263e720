/**
 * Orders alpha at which Renyi divergences are kept, ascending, > 1: close where epsilon is large, far enough for epsilons of a
 * hundredth. A missing order costs tightness, never soundness.
 */
export const renyiOrders: readonly number[] = ordersUpTo(10_000);

/**
 * What a mechanism spends as Renyi differential privacy (Mironov 2017): for each of `renyiOrders` a bound on the divergence of that
 * order, in nats, >= 0. Curves of mechanisms add up, whatever the mechanisms and in whatever order they are used.
 */
export type RenyiCurve = readonly number[];

/** What spends nothing. */
export const noCurve: RenyiCurve = renyiOrders.map(() => 0);

/** What is spent by `one` and, `times` times, by `other`. */
export function addedCurves(one: RenyiCurve, other: RenyiCurve, times = 1): RenyiCurve {
  return one.map((divergence, at) => divergence + times * (other[at] ?? Infinity));
}

/**
 * The least epsilon that follows from a curve for this delta: min over alpha of
 * D + log((alpha - 1) / alpha) - (log delta + log alpha) / (alpha - 1), and at least 0. Canonne, Kamath, Steinke 2020,
 * proposition 12; Balle et al. 2020, theorem 21.
 *
 * @param delta in (0, 1).
 */
export function renyiEpsilon(curve: RenyiCurve, delta: number): number {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`a delta of ${delta}: in (0, 1)`);
  const epsilons = renyiOrders.map((alpha, at) => {
    const slack = Math.log1p(-1 / alpha) - (Math.log(delta) + Math.log(alpha)) / (alpha - 1);
    return divergenceAt(curve, at) + slack;
  });
  return Math.max(0, Math.min(...epsilons));
}

/**
 * The least delta that follows from a curve for this epsilon: the same statement solved for delta.
 *
 * @param epsilon in nats, >= 0.
 */
export function renyiDelta(curve: RenyiCurve, epsilon: number): number {
  if (!(epsilon >= 0)) throw new RangeError(`an epsilon of ${epsilon}: a number >= 0`);
  const logs = renyiOrders.map((alpha, at) => {
    const exponent = divergenceAt(curve, at) - epsilon + Math.log1p(-1 / alpha);
    return (alpha - 1) * exponent - Math.log(alpha);
  });
  return Math.min(1, Math.exp(Math.min(...logs)));
}

function divergenceAt(curve: RenyiCurve, at: number): number {
  return curve[at] ?? Infinity;
}

/** 1.01 to 11 by small steps, integers to 64, then a tenth more each time, as integers. */
function ordersUpTo(most: number): number[] {
  const orders = [1.01, 1.02, 1.03, 1.05, 1.07];
  for (let tenth = 11; tenth < 110; tenth++) orders.push(tenth / 10);
  for (let order = 11; order < most; order = order < 64 ? order + 1 : Math.ceil(order * 1.1)) orders.push(order);
  return [...orders, most];
}
