import { shuffled } from "./folds.js";

/** Places of the records of each lender. */
export type Split = readonly (readonly number[])[];

/** `places` dealt to `lenders` in equal parts, to one record, in an order that `random` decides. */
export function equalLenders(places: readonly number[], lenders: number, random: () => number): Split {
  return dealt(
    shuffled(places, random),
    Array.from({ length: lenders }, () => 1),
  );
}

/**
 * `places` dealt to `lenders` as uneven as real ones: of the records of each group (such as those with one label) each
 * lender gets a share drawn from a Dirichlet distribution of concentration `alpha` (Hsu, Qi and Brown 2019,
 * arXiv:1909.06335), so sizes and portfolios differ at once. `groupOf` says the group of a record. A lender may be left
 * with none.
 */
export function dirichletLenders(
  places: readonly number[],
  groupOf: (place: number) => number,
  lenders: number,
  alpha: number,
  random: () => number,
): Split {
  const groups = [...new Set(places.map(groupOf))].toSorted((one, other) => one - other);
  const parts = groups.map((group) => {
    const members = places.filter((place) => groupOf(place) === group);
    return dealt(shuffled(members, random), dirichlet(lenders, alpha, random));
  });
  return Array.from({ length: lenders }, (_, lender) => parts.flatMap((part) => part[lender]!));
}

/** Cuts `places` into parts in proportion to `weights`. */
function dealt(places: readonly number[], weights: readonly number[]): number[][] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [before, start] = [0, 0];
  return weights.map((weight) => {
    before += weight;
    const end = Math.round((places.length * before) / total);
    const part = places.slice(start, end);
    start = end;
    return part;
  });
}

function dirichlet(count: number, alpha: number, random: () => number): number[] {
  return Array.from({ length: count }, () => gamma(alpha, random));
}

/** A gamma variate (Marsaglia and Tsang 2000, with their step from alpha + 1 below 1). */
function gamma(alpha: number, random: () => number): number {
  if (alpha < 1) return gamma(alpha + 1, random) * (1 - random()) ** (1 / alpha);
  const d = alpha - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A standard normal variate (Box and Muller 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
