import { inRange } from "../training/range.js";

/**
 * What is taken for the mean of all updates where some may be poisoned: per coordinate, over the means of disjoint groups, the median, or the mean without the largest and
 * smallest. Yin, Chen, Ramchandran and Bartlett, "Byzantine-Robust Distributed Learning", ICML 2018, definitions 1 and 2, with groups in the place of machines, as in
 * the median of means: single updates are never seen.
 */
export type RobustTerms =
  | { readonly name: "median" }
  | {
      readonly name: "trimmed-mean";
      /** Groups left out at each end, whole, 1 to 1,000, fewer than half of all; 1 by default. */
      readonly trim?: number;
    };

/** Fewer groups have no majority against one that is poisoned; smaller ones hide their participants too little. */
const fewestGroups = 3;
const fewestInGroup = 5;

/** @throws RangeError for a term out of its range */
export function checkRobust(terms: RobustTerms): void {
  if (terms.name === "trimmed-mean") inRange("robust.trim", terms.trim ?? 1, { atLeast: 1, atMost: 1000, whole: true });
}

/**
 * Whether groups are enough for a robust mean. It does not fall back to the plain mean: whoever makes others drop out could otherwise switch protection off.
 *
 * @param participants of each group
 * @throws RangeError where they are fewer than three of five, or no group would be left after trimming
 */
export function checkGroups(participants: readonly number[], terms: RobustTerms): void {
  const least = terms.name === "trimmed-mean" ? Math.max(fewestGroups, 2 * (terms.trim ?? 1) + 1) : fewestGroups;
  if (participants.length >= least && participants.every((count) => count >= fewestInGroup)) return;
  throw new RangeError(
    `A robust mean needs ${least} groups of ${fewestInGroup} participants at least, not groups of ${participants.join(", ")}.`,
  );
}

/**
 * The robust mean of groups' means, each counting the same, whatever its size or rows. It withstands fewer than half of the groups being poisoned (`trim` of them, for a
 * trimmed mean), so up to as many poisoned participants as such groups, wherever they sit; more of them spread over all groups ruin it as they do a mean. Within the
 * spread of honest groups it can always be pulled: an attack that is small and patient, a back door for example, is not stopped.
 *
 * @param means of groups that have not been found to cheat: one at least; where fewer are left than are to be trimmed, as many as leave one or two
 */
export function robustMean(means: readonly Float64Array[], terms: RobustTerms): Float64Array {
  const middle = Math.floor((means.length - 1) / 2);
  const trim = terms.name === "median" ? middle : Math.min(terms.trim ?? 1, middle);
  const length = means[0]?.length ?? 0;
  const sorted = new Float64Array(means.length);
  return Float64Array.from({ length }, (_, at) => {
    for (const [index, mean] of means.entries()) sorted[index] = mean[at]!;
    sorted.sort();
    const kept = sorted.subarray(trim, sorted.length - trim);
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  });
}

/** The middle value, or the mean of the two in the middle; NaN for none. */
export function medianOf(values: readonly number[]): number {
  const [median = Number.NaN] = robustMean(
    values.map((value) => Float64Array.of(value)),
    { name: "median" },
  );
  return median;
}
