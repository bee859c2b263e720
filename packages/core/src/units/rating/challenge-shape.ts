import { hasDistinctRows, type SpeedChallenge, stepsFor } from "./speed-challenge.js";

/**
 * Entries that a check goes through, at most: about a second of one of the pool's cores. Without a bound, whoever claims
 * to be fast enough and commits to nothing would have the pool compute for hours.
 */
export const mostCheckedEntries = 2 ** 31;
/** The largest matrices: an agent holds three or four of them. */
const mostColumns = 4_096;
/** A challenge of so many steps can as well have larger matrices: small ones leave most of a large card idle. */
const manySteps = 32;

/** What a challenge is to take up, by the agent's own word. */
export interface ChallengeTerms {
  /** Operations per second of all slots together. */
  readonly flopsPerSecond: number;
  readonly slots: number;
  /** Memory of one slot, in bytes. */
  readonly memoryBytes: number;
  readonly ms: number;
  /** Columns, at least. */
  readonly size: number;
}

/** The same for every seed: how large the matrices are, how many blocks of rows there are, and how many steps. */
export type ChallengeShape = Omit<SpeedChallenge, "seed">;

/**
 * One block for each slot, and steps for `ms`. A fast slot gets larger matrices, which keep it busy, and of which a check
 * goes through fewer entries for the same work; where they would not fit into its memory, or are the largest, the
 * challenge is shorter than `ms`.
 */
export function challengeShape({
  flopsPerSecond,
  slots,
  memoryBytes,
  ms,
  size: least,
}: ChallengeTerms): ChallengeShape {
  const shapeOf = (size: number): ChallengeShape => {
    const blocks = Math.min(slots, Math.max(1, Math.floor(2 ** 32 / (size * size))));
    return { size, blocks, steps: stepsFor(size, blocks, (flopsPerSecond * blocks) / slots, ms) };
  };
  let shape = shapeOf(least);
  for (let size = 2 * least; size <= mostColumns && challengeFits(size, memoryBytes); size *= 2) {
    const larger = shapeOf(size);
    if (larger.steps < manySteps && checkedEntries(shape) <= mostCheckedEntries) break;
    shape = larger;
  }
  if (!hasDistinctRows(shape)) throw new RangeError(`matrices of ${shape.size} columns are too large`);
  return { ...shape, steps: Math.min(shape.steps, Math.floor(mostCheckedEntries / shape.size ** 2)) };
}

/** Entries of B that a check goes through: each once per step, whatever the number of blocks. */
export function checkedEntries({ size, steps }: Pick<SpeedChallenge, "size" | "steps">): number {
  return size * size * steps;
}

/** Whether what a slot computes with fits into its memory: B as it is and packed, and two matrices X. */
export function challengeFits(size: number, memoryBytes: number): boolean {
  return 4 * size * size * 4 <= memoryBytes;
}
