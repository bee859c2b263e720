/**
 * The arithmetic of secure sums, in AssemblyScript; `npm run kernels` compiles it. Addresses and lengths are in bytes; what is read and
 * written is a whole number of 16 bytes, or of 4 values where there are values. Same results, bit by bit, as the plain arithmetic that a test compares it with.
 */

/** Adds `bytes` of 32-bit words at `added` to those at `sums`, modulo 2^32. */
export function add(sums: usize, added: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(sums + at, i32x4.add(v128.load(sums + at), v128.load(added + at)));
  }
}

/** Adds four times `bytes` of words to those at `sums`: at `added`, and each time `stride` further. One pass takes three quarters of the time of four. */
export function addFour(sums: usize, added: usize, stride: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16, added += 16) {
    const first = i32x4.add(v128.load(added), v128.load(added + stride));
    const last = i32x4.add(v128.load(added + 2 * stride), v128.load(added + 3 * stride));
    v128.store(sums + at, i32x4.add(v128.load(sums + at), i32x4.add(first, last)));
  }
}

// @ts-ignore: decorator
@inline
function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

// @ts-ignore: decorator
@inline
function cut(pair: v128, least: v128, most: v128): v128 {
  return f64x2.pmax(least, f64x2.pmin(most, pair));
}

/** The sum of the squares of `count` values, each cut to +-`limit`; NaN where one is not finite. Two sums at a time: one alone waits for itself. */
export function squares(values: usize, count: usize, limit: f64): f64 {
  const most = f64x2.splat(limit);
  const least = f64x2.splat(-limit);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let notFinite = f64x2.splat(0);
  for (const end = values + (count << 3); values < end; values += 32) {
    const a = v128.load(values);
    const b = v128.load(values, 16);
    // 0 for a finite value, NaN for any other
    notFinite = v128.or(notFinite, v128.or(f64x2.sub(a, a), f64x2.sub(b, b)));
    const cutA = cut(a, least, most);
    const cutB = cut(b, least, most);
    even = f64x2.add(even, f64x2.mul(cutA, cutA));
    odd = f64x2.add(odd, f64x2.mul(cutB, cutB));
  }
  return total(f64x2.add(even, odd)) + total(notFinite);
}

/**
 * floor(value * scale + random / 2^32) for each of `count` values, cut to +-`limit` before, with an unsigned 32-bit `random` for each. The integers
 * are written over the random words; returns the sum of their squares.
 */
export function round(values: usize, words: usize, count: usize, scale: f64, limit: f64): f64 {
  const most = f64x2.splat(limit);
  const least = f64x2.splat(-limit);
  const factor = f64x2.splat(scale);
  const unit = f64x2.splat(1 / 4294967296.0);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (const end = words + (count << 2); words < end; words += 16, values += 32) {
    const random = v128.load(words);
    const upper = i8x16.shuffle(random, random, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    const a = f64x2.mul(cut(v128.load(values), least, most), factor);
    const b = f64x2.mul(cut(v128.load(values, 16), least, most), factor);
    const floorA = f64x2.floor(f64x2.add(a, f64x2.mul(f64x2.convert_low_i32x4_u(random), unit)));
    const floorB = f64x2.floor(f64x2.add(b, f64x2.mul(f64x2.convert_low_i32x4_u(upper), unit)));
    even = f64x2.add(even, f64x2.mul(floorA, floorA));
    odd = f64x2.add(odd, f64x2.mul(floorB, floorB));
    const low = i32x4.trunc_sat_f64x2_s_zero(floorA);
    const high = i32x4.trunc_sat_f64x2_s_zero(floorB);
    v128.store(words, i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  }
  return total(f64x2.add(even, odd));
}
