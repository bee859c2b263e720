/**
 * The entries of a challenge's matrices, by number and key: the same 32-bit mixing as in kernels/cpu.ts, which makes
 * four at a time. It is fast everywhere, and enough here: a matrix is to have no structure, not to be a secret.
 */

/** The prime that all products are taken by. 254 x 254 x 256 stays below 2^24: FP32 sums are exact in any order. */
export const productModulus = 509;

/** What a matrix is made from, two 32-bit halves. */
export type EntryKey = readonly [number, number];

/** 16 bits of number `number` under `key`. */
function mix(number: number, [key0, key1]: EntryKey): number {
  let x = (Math.imul(number, 0x9e3779b1) + key0) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = ((x ^ (x >>> 15)) + key1) | 0;
  x = Math.imul(x, 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 16;
}

/** Entry `number` of the matrix under `key`: -254 to 254. */
export function entryAt(number: number, key: EntryKey): number {
  return ((mix(number, key) * 509) >>> 16) - 254;
}

/** Factor `number` of the columns under `key`: 1 to 254, or its negative; never 0, which would spare a column's work. */
export function factorAt(number: number, key: EntryKey): number {
  const value = ((mix(number, key) * 508) >>> 16) - 254;
  return value < 0 ? value : value + 1;
}
