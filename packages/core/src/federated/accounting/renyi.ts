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

/** A point of a mechanism's curve of epsilon and delta: one of them is given, and the other one asked for. */
export type PrivacyAim = { readonly delta: number } | { readonly epsilon: number };

/**
 * The least epsilon that follows from a curve for this delta: min over alpha of
 * D + log((alpha - 1) / alpha) - (log delta + log alpha) / (alpha - 1), and at least 0. Canonne, Kamath, Steinke 2020,
 * proposition 12; Balle et al. 2020, theorem 21.
 *
 * @param delta in (0, 1).
 */
export function renyiEpsilon(curve: RenyiCurve, delta: number): number {
  requireAim({ delta });
  return Math.max(0, Math.min(...epsilons(curve, delta)));
}

/**
 * The least delta that follows from a curve for this epsilon: the same statement solved for delta.
 *
 * @param epsilon in nats, >= 0.
 */
export function renyiDelta(curve: RenyiCurve, epsilon: number): number {
  requireAim({ epsilon });
  return Math.min(1, Math.exp(Math.min(...logDeltas(curve, epsilon))));
}

/** The order that decides what follows from a curve at this point. */
export function decidingOrder(curve: RenyiCurve, aim: PrivacyAim): number {
  const values = "delta" in aim ? epsilons(curve, aim.delta) : logDeltas(curve, aim.epsilon);
  return renyiOrders[values.indexOf(Math.min(...values))] ?? 2;
}

/** @throws RangeError where delta is not in (0, 1), or epsilon no number >= 0. */
export function requireAim(aim: PrivacyAim): void {
  if ("delta" in aim && !(aim.delta > 0 && aim.delta < 1)) throw new RangeError(`a delta of ${aim.delta}: in (0, 1)`);
  if ("epsilon" in aim && !(aim.epsilon >= 0)) throw new RangeError(`an epsilon of ${aim.epsilon}: a number >= 0`);
}

/** For each order. */
function epsilons(curve: RenyiCurve, delta: number): number[] {
  return renyiOrders.map((alpha, at) => {
    const slack = Math.log1p(-1 / alpha) - (Math.log(delta) + Math.log(alpha)) / (alpha - 1);
    return divergenceAt(curve, at) + slack;
  });
}

/** For each order. */
function logDeltas(curve: RenyiCurve, epsilon: number): number[] {
  return renyiOrders.map((alpha, at) => {
    const exponent = divergenceAt(curve, at) - epsilon + Math.log1p(-1 / alpha);
    return (alpha - 1) * exponent - Math.log(alpha);
  });
}

function divergenceAt(curve: RenyiCurve, at: number): number {
  return curve[at] ?? Infinity;
}

/** 1.01 to 11 by small steps, integers to 64, then a tenth more each time, as integers. */
function ordersUpTo(most: number): number[] {
  const orders = [1.01, 1.02, 1.03, 1.05, 1.07];
  for (let twentieth = 22; twentieth < 220; twentieth += twentieth < 100 ? 2 : 5) orders.push(twentieth / 20);
  for (let order = 11; order < most; order = order < 64 ? order + 1 : Math.ceil(order * 1.1)) orders.push(order);
  return [...orders, most];
}
