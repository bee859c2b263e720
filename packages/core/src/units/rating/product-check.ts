import type { Primitives } from "../../privacy/primitives.js";
import { productModulus } from "./entries.js";
import { isCommitted, type OpenedRow } from "./row-commitment.js";
import { type ChallengeKeys, challengeKeys, type SpeedChallenge } from "./speed-challenge.js";

/** Rows that are asked for. Who skipped a tenth of all has one among them in 998.8 of 1,000 challenges. */
export const checkedRows = 64;

/** A weighted sum of rows. */
export interface RowCombination {
  readonly indices: readonly number[];
  /** 1 to 508, as many as there are indices. */
  readonly weights: readonly number[];
}

/** What a check needs of its platform. */
export interface CheckParts {
  readonly primitives: Primitives;
  /** The combination of rows of A, taken through all steps: `size` numbers that are right modulo 509. */
  combineAndFold(challenge: SpeedChallenge, keys: ChallengeKeys, combination: RowCombination): Int32Array;
}

/** Why an answer to a challenge is not accepted. */
export type ProductRefusal = "row-missing" | "row-not-committed" | "row-malformed" | "product-wrong";

/** Which rows are asked for, drawn after the commitment: different ones, in ascending order. */
export function drawRows({ size, blocks }: SpeedChallenge, primitives: Primitives): number[] {
  const drawn = new Set<number>();
  while (drawn.size < Math.min(checkedRows, size * blocks)) drawn.add(randomBelow(size * blocks, primitives));
  return [...drawn].sort((a, b) => a - b);
}

/**
 * Checks the opened rows S of a committed product: with random weights w, (w x A[S]) taken through all steps must be
 * w x X[S] (Freivalds 1977, on rows that the answerer could not foresee). A single wrong row is always found; several
 * cancel out with probability 1/508.
 */
export function checkProduct(
  challenge: SpeedChallenge,
  answer: { root: Uint8Array; indices: readonly number[]; rows: readonly OpenedRow[] },
  parts: CheckParts,
): ProductRefusal | undefined {
  const { root, indices, rows } = answer;
  const size = challenge.size * challenge.blocks;
  if (rows.length !== indices.length) return "row-missing";
  for (const [at, row] of rows.entries()) {
    if (row.residues.length !== challenge.size * 2) return "row-malformed";
    if (!isCommitted(row, { root, index: indices[at] ?? -1, size }, parts.primitives)) return "row-not-committed";
  }
  const weights = indices.map(() => 1 + randomBelow(productModulus - 1, parts.primitives));
  const claimed = combineRows(rows, weights, challenge.size);
  if (!claimed) return "row-malformed";
  const keys = challengeKeys(challenge, parts.primitives);
  const expected = parts.combineAndFold(challenge, keys, { indices, weights });
  return expected.every((value, column) => residue(value) === claimed[column]) ? undefined : "product-wrong";
}

/** The weighted sum of opened rows modulo 509; undefined where a number is none of 0 to 508. */
function combineRows(rows: readonly OpenedRow[], weights: readonly number[], size: number): Int32Array | undefined {
  const sum = new Int32Array(size);
  for (const [at, { residues }] of rows.entries()) {
    const view = new DataView(residues.buffer, residues.byteOffset, residues.length);
    const weight = weights[at] ?? 0;
    for (let column = 0; column < size; column++) {
      const value = view.getUint16(column * 2, true);
      if (value >= productModulus) return undefined;
      sum[column] = (sum[column] ?? 0) + weight * value; // 64 x 508 x 508 stays far below 2^31
    }
  }
  return sum.map(residue);
}

function residue(value: number): number {
  const rest = value % productModulus;
  return rest < 0 ? rest + productModulus : rest;
}

/** A number below `bound`, at most 2^32, each as likely: what lies above the largest multiple is drawn again. */
function randomBelow(bound: number, primitives: Primitives): number {
  const most = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const bytes = primitives.randomBytes(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (value < most) return value % bound;
  }
}
