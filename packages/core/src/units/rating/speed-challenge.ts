import type { Static } from "typebox";
import type { Primitives } from "../../privacy/primitives.js";
import { ascii } from "../../shared/bytes.js";
import { Bytes, Exactly, Whole } from "../../shared/schema.js";
import type { EntryKey } from "./entries.js";

/**
 * A challenge to show how fast a machine multiplies. From A, of `blocks` x `size` rows, and B, of `size` x `size`, both
 * made from the seed, it computes
 *
 *     X[0] = A        X[k] = (X[k-1] with column j multiplied by d[k][j]) x B   modulo 509,   k = 1 .. steps
 *
 * and commits to the rows of the last X. The factors d keep B's powers from being a short cut: there is none known but to
 * do `steps` products. Each is linear, so a combination of the last rows can be checked from the same combination of the
 * first, a vector instead of a matrix: a `size`-th of the work.
 */
export const SpeedChallenge = Exactly({
  /** Fresh and unpredictable: nothing can be computed before it is known. */
  seed: Bytes(32),
  /** Columns, a multiple of 256. */
  size: Whole(256, 16_384),
  /** Blocks of `size` rows, one for each core or device that takes part. */
  blocks: Whole(1, 1_024),
  steps: Whole(1, 1_000_000),
});
export type SpeedChallenge = Static<typeof SpeedChallenge>;

/** The keys of A, B and the factors d. */
export interface ChallengeKeys {
  readonly left: EntryKey;
  readonly right: EntryKey;
  readonly factors: EntryKey;
}

/** The keys that a challenge's seed stands for. */
export function challengeKeys({ seed }: Pick<SpeedChallenge, "seed">, primitives: Primitives): ChallengeKeys {
  const bytes = primitives.hkdf(seed, new Uint8Array(0), ascii("aegis-pool/v1/speed-challenge"), 24);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const key = (at: number): EntryKey => [view.getUint32(at), view.getUint32(at + 4)];
  return { left: key(0), right: key(8), factors: key(16) };
}

/** Multiplications and additions of a challenge: what its FP32 rate is counted in. */
export function challengeFlops({ size, blocks, steps }: SpeedChallenge): number {
  return 2 * size ** 3 * blocks * steps;
}

/** Entries and factors are numbered by 32 bits: beyond that they would repeat, and so would the work. */
const numbers = 2 ** 32;

/** How many steps of this size take about `ms` at `flopsPerSecond` in all: at least four, and no factor comes twice. */
export function stepsFor(size: number, blocks: number, flopsPerSecond: number, ms: number): number {
  const steps = Math.round((flopsPerSecond * ms) / 1_000 / (2 * size ** 3 * blocks));
  return Math.min(1_000_000, numbers / size, Math.max(4, steps));
}

/** Whether no entry of A comes twice, else whoever has one row has another. */
export function hasDistinctRows({ size, blocks }: Pick<SpeedChallenge, "size" | "blocks">): boolean {
  return size * size * blocks <= numbers;
}
