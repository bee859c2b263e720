import { type Static, Type } from "typebox";
import { Exactly } from "../../shared/schema.js";

/**
 * Who removes the masks of a sum: `size` members, of whom any `threshold` may pool what they know, with whoever adds the uploads up, and
 * still learn nothing about one participant. There is one seed for each subset of `threshold` members, known to all members *outside* it:
 * whoever colludes is the inside of some subset, and lacks its seed.
 */
export const CommitteeShape = Type.Union([
  Exactly({ size: Type.Literal(4), threshold: Type.Literal(1) }),
  Exactly({ size: Type.Literal(7), threshold: Type.Literal(2) }),
]);
export type CommitteeShape = Static<typeof CommitteeShape>;

/** One failed member survived, one that colludes. The default. */
export const smallCommittee: CommitteeShape = { size: 4, threshold: 1 };
/** Two of each: for high stakes. */
export const largeCommittee: CommitteeShape = { size: 7, threshold: 2 };

/** The members of a subset, ascending, by their place in the committee. */
export type Subset = readonly number[];

/** All subsets of `threshold` members, in lexicographic order: a subset's place in this list names it. */
export function subsetsOf({ size, threshold }: CommitteeShape): readonly Subset[] {
  return combinations(size, threshold, 0);
}

function combinations(size: number, count: number, from: number): Subset[] {
  if (count === 0) return [[]];
  const found: Subset[] = [];
  for (let first = from; first <= size - count; first++) {
    for (const rest of combinations(size, count - 1, first + 1)) found.push([first, ...rest]);
  }
  return found;
}

/** The places, among {@link subsetsOf}, of the subsets whose seeds `member` knows: those that it is not in. */
export function subsetsKnownTo(member: number, shape: CommitteeShape): readonly number[] {
  return placesWhere(shape, (subset) => !subset.includes(member));
}

/** The places of the subsets whose seeds `member` does not know. */
export function subsetsHiddenFrom(member: number, shape: CommitteeShape): readonly number[] {
  return placesWhere(shape, (subset) => subset.includes(member));
}

function placesWhere(shape: CommitteeShape, holds: (subset: Subset) => boolean): readonly number[] {
  return subsetsOf(shape).flatMap((subset, place) => (holds(subset) ? [place] : []));
}

/**
 * How many members must sign one thing before any acts on it: any two such sets have an honest member in common, so two different things
 * are never both signed (2q - k > t).
 */
export function quorumOfCommittee({ size, threshold }: CommitteeShape): number {
  return Math.floor((size + threshold) / 2) + 1;
}

/** How many equal answers are true: one of so many is honest. */
export function enoughEqual({ threshold }: CommitteeShape): number {
  return threshold + 1;
}
