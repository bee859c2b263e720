/**
 * The reference kernels of the `cpu` class, in AssemblyScript; `npm run kernels` compiles them. One instance runs on one
 * core. All matrices hold residues modulo 509 of at most 255 in size, as FP32: a sum of 256 products stays below 2^24,
 * so every result is exact, in any order, with or without fused multiply-add.
 *
 * Built twice: with fused multiply-add, for engines with relaxed SIMD, and without. Same results, bit by bit.
 */

const modulus: f32 = 509;
/** Inner products are summed over this many entries before they are reduced. */
const depth: usize = 256;
/** Rows of the left matrix that are packed at a time: 128 x 256 entries fill a quarter of a second-level cache. */
const stripRows: usize = 128;
/** The tile that is held in registers: 4 x 8 sums in eight of them. More, or an unrolled loop, made V8 spill. */
const tileRows: usize = 4;
const tileColumns: usize = 8;

/** Mixes a counter and a 64-bit key into 32 bits, four counters at a time: entries cost one product of their own. */
// @ts-ignore: decorator
@inline
function mix(counters: v128, key0: u32, key1: u32): v128 {
  let x = i32x4.add(i32x4.mul(counters, i32x4.splat(0x9e3779b1)), i32x4.splat(key0));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x21f0aaad));
  x = i32x4.add(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(key1));
  x = i32x4.mul(x, i32x4.splat(0x735a2d97));
  return i32x4.shr_u(v128.xor(x, i32x4.shr_u(x, 15)), 16);
}

/** The entries with these numbers, from -254 to 254. */
// @ts-ignore: decorator
@inline
function entries(numbers: v128, key0: u32, key1: u32): v128 {
  const mixed = mix(numbers, key0, key1);
  return i32x4.sub(i32x4.shr_u(i32x4.mul(mixed, i32x4.splat(509)), 16), i32x4.splat(254));
}

/** The factors with these numbers, of 1 to 254 in size: a factor of 0 would spare the work of a column. */
// @ts-ignore: decorator
@inline
function factors(numbers: v128, key0: u32, key1: u32): v128 {
  const mixed = mix(numbers, key0, key1);
  const value = i32x4.sub(i32x4.shr_u(i32x4.mul(mixed, i32x4.splat(508)), 16), i32x4.splat(254));
  // 0 to 253 become 1 to 254
  return i32x4.sub(value, i32x4.ge_s(value, i32x4.splat(0)));
}

/** Writes `count` entries, from number `first` on, as FP32 at `to`. `count` is a multiple of 4. */
export function fillEntries(to: usize, first: u32, count: u32, key0: u32, key1: u32): void {
  let numbers = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = to + (<usize>count << 2); to < end; to += 16) {
    v128.store(to, f32x4.convert_i32x4_s(entries(numbers, key0, key1)));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** Writes `count` factors, from number `first` on, as FP32 at `to`. `count` is a multiple of 4. */
export function fillFactors(to: usize, first: u32, count: u32, key0: u32, key1: u32): void {
  let numbers = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = to + (<usize>count << 2); to < end; to += 16) {
    v128.store(to, f32x4.convert_i32x4_s(factors(numbers, key0, key1)));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** The residue of a whole number below 2^24 that is at most 255 in size; which of two ends it takes does not matter. */
// @ts-ignore: decorator
@inline
function reduce(x: v128): v128 {
  const quotient = f32x4.nearest(f32x4.mul(x, f32x4.splat(1 / modulus)));
  return f32x4.sub(x, f32x4.mul(quotient, f32x4.splat(modulus)));
}

/** Reduces `rows` x `n` sums in place and multiplies each column by its factor, modulo 509. */
export function scaleColumns(matrix: usize, rows: usize, n: usize, columnFactors: usize): void {
  const rowBytes = n << 2;
  for (const end = matrix + rows * rowBytes; matrix < end; matrix += rowBytes) {
    for (let column: usize = 0; column < rowBytes; column += 16) {
      const value = f32x4.mul(reduce(v128.load(matrix + column)), v128.load(columnFactors + column));
      v128.store(matrix + column, reduce(value));
    }
  }
}

/**
 * Rearranges `n` x `n` entries so that `multiply` reads them in order: for each 256 rows, for each 8 columns, row by row.
 */
export function packRight(from: usize, n: usize, to: usize): void {
  for (let top: usize = 0; top < n; top += depth) {
    for (let column: usize = 0; column < n; column += tileColumns) {
      let source = from + ((top * n + column) << 2);
      for (let row: usize = 0; row < depth; row++) {
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
        to += tileColumns << 2;
        source += n << 2;
      }
    }
  }
}

/** Rearranges 4 rows x 256 columns, column by column. */
function packLeft(from: usize, n: usize, to: usize): void {
  const rowBytes = n << 2;
  for (const end = from + (depth << 2); from < end; from += 16) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + rowBytes);
    const r2 = v128.load(from + 2 * rowBytes);
    const r3 = v128.load(from + 3 * rowBytes);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 16);
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 32);
    v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 48);
    to += 64;
  }
}

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, sum);
  return f32x4.add(f32x4.mul(a, b), sum);
}

// @ts-ignore: decorator
@inline
function addReduced(to: usize, low: v128, high: v128): void {
  v128.store(to, f32x4.add(v128.load(to), reduce(low)));
  v128.store(to, f32x4.add(v128.load(to, 16), reduce(high)), 16);
}

/** Adds the product of 4 packed rows and 8 packed columns, reduced, to a tile. Splats by shuffle: one load for four rows. */
function multiplyTile(left: usize, right: usize, to: usize, rowBytes: usize): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (const end = left + depth * (tileRows << 2); left < end; left += tileRows << 2) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    const rows = v128.load(left);
    let a = v128.shuffle<f32>(rows, rows, 0, 0, 0, 0);
    s0 = multiplyAdd(a, b0, s0);
    s1 = multiplyAdd(a, b1, s1);
    a = v128.shuffle<f32>(rows, rows, 1, 1, 1, 1);
    s2 = multiplyAdd(a, b0, s2);
    s3 = multiplyAdd(a, b1, s3);
    a = v128.shuffle<f32>(rows, rows, 2, 2, 2, 2);
    s4 = multiplyAdd(a, b0, s4);
    s5 = multiplyAdd(a, b1, s5);
    a = v128.shuffle<f32>(rows, rows, 3, 3, 3, 3);
    s6 = multiplyAdd(a, b0, s6);
    s7 = multiplyAdd(a, b1, s7);
    right += tileColumns << 2;
  }
  addReduced(to, s0, s1);
  addReduced(to + rowBytes, s2, s3);
  addReduced(to + 2 * rowBytes, s4, s5);
  addReduced(to + 3 * rowBytes, s6, s7);
}

/**
 * Writes left x right, as sums of reduced parts of 256, to `to`: left and `to` are `rows` x `n`, right is `n` x `n` and
 * packed. `rows` is a multiple of 4, `n` of 256. `strip` has room for 128 x 256 entries.
 */
export function multiply(left: usize, right: usize, to: usize, rows: usize, n: usize, strip: usize): void {
  memory.fill(to, 0, rows * n << 2);
  for (let inner: usize = 0; inner < n; inner += depth) {
    const panel = right + ((inner * n) << 2);
    for (let top: usize = 0; top < rows; top += stripRows) {
      const height = min(stripRows, rows - top);
      for (let row: usize = 0; row < height; row += tileRows) {
        packLeft(left + (((top + row) * n + inner) << 2), n, strip + ((row * depth) << 2));
      }
      for (let column: usize = 0; column < n; column += tileColumns) {
        for (let row: usize = 0; row < height; row += tileRows) {
          const tile = to + (((top + row) * n + column) << 2);
          multiplyTile(strip + ((row * depth) << 2), panel + ((column * depth) << 2), tile, n << 2);
        }
      }
    }
  }
}

/** Writes `count` whole numbers at `from` as their residues 0 to 508, 16 bits each. `count` is a multiple of 8. */
export function toResidues(from: usize, count: usize, to: usize): void {
  for (const end = from + (count << 2); from < end; from += 32) {
    v128.store(to, i16x8.narrow_i32x4_s(residue(v128.load(from)), residue(v128.load(from, 16))));
    to += 16;
  }
}

// @ts-ignore: decorator
@inline
function residue(sum: v128): v128 {
  const value = i32x4.trunc_sat_f32x4_s(reduce(sum));
  return i32x4.add(value, v128.and(i32x4.lt_s(value, i32x4.splat(0)), i32x4.splat(509)));
}

/** Writes the transpose of `n` x `n` entries as 16-bit numbers: column by column, as `fold` reads them. */
export function fillTransposed(to: usize, n: u32, key0: u32, key1: u32): void {
  const rows = i32x4(0, n, 2 * n, 3 * n);
  for (let column: u32 = 0; column < n; column++) {
    let numbers = i32x4.add(i32x4.splat(column), rows);
    for (const end = to + (<usize>n << 1); to < end; to += 16) {
      const low = entries(numbers, key0, key1);
      numbers = i32x4.add(numbers, i32x4.splat(4 * n));
      const high = entries(numbers, key0, key1);
      numbers = i32x4.add(numbers, i32x4.splat(4 * n));
      v128.store(to, i16x8.narrow_i32x4_s(low, high));
    }
  }
}

/** Adds `weight` times entries `first` to `first + count` to as many 32-bit sums. `count` is a multiple of 4. */
export function addEntries(sums: usize, first: u32, count: u32, weight: i32, key0: u32, key1: u32): void {
  let numbers = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = sums + (<usize>count << 2); sums < end; sums += 16) {
    const weighted = i32x4.mul(entries(numbers, key0, key1), i32x4.splat(weight));
    v128.store(sums, i32x4.add(v128.load(sums), weighted));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** Multiplies `count` 32-bit sums by as many factors modulo 509, from number `first` on, into 16-bit numbers. */
export function scaleSums(sums: usize, count: u32, to: usize, first: u32, key0: u32, key1: u32): void {
  let numbers = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = sums + (<usize>count << 2); sums < end; sums += 16) {
    const value = reduce(f32x4.convert_i32x4_s(v128.load(sums)));
    const scaled = reduce(f32x4.mul(value, f32x4.convert_i32x4_s(factors(numbers, key0, key1))));
    const whole = i32x4.trunc_sat_f32x4_s(scaled);
    v128.store64_lane(to, i16x8.narrow_i32x4_s(whole, whole), 0);
    to += 8;
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** Writes `vector` x right modulo 509 to 32-bit `sums`; both are of 16 bits, right transposed, `n` a multiple of 16. */
export function fold(vector: usize, right: usize, n: usize, sums: usize): void {
  const columnBytes = n << 1;
  for (const end = sums + (n << 2); sums < end; sums += 4) {
    let even = i32x4.splat(0);
    let odd = even;
    for (let at: usize = 0; at < columnBytes; at += 32) {
      even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(vector + at), v128.load(right + at)));
      odd = i32x4.add(odd, i32x4.dot_i16x8_s(v128.load(vector + at, 16), v128.load(right + at, 16)));
    }
    const sum = i32x4.add(even, odd);
    const low = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
    const high = i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    store<i32>(sums, (low + high) % 509);
    right += columnBytes;
  }
}

/** Reads `bytes` at `from`, a multiple of 64. */
export function readMemory(from: usize, bytes: usize): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (const end = from + bytes; from < end; from += 64) {
    a = v128.xor(a, v128.load(from));
    b = v128.xor(b, v128.load(from, 16));
    c = v128.xor(c, v128.load(from, 32));
    d = v128.xor(d, v128.load(from, 48));
  }
  return i32x4.extract_lane(v128.xor(v128.xor(a, b), v128.xor(c, d)), 0);
}

/** Writes `bytes` at `to`, a multiple of 64. */
export function writeMemory(to: usize, bytes: usize, value: i32): void {
  const values = i32x4.splat(value);
  for (const end = to + bytes; to < end; to += 64) {
    v128.store(to, values);
    v128.store(to, values, 16);
    v128.store(to, values, 32);
    v128.store(to, values, 48);
  }
}

/** to = a + 3 b, over `bytes` each, a multiple of 32. */
export function triad(a: usize, b: usize, to: usize, bytes: usize): void {
  const factor = f32x4.splat(3);
  for (let at: usize = 0; at < bytes; at += 32) {
    v128.store(to + at, f32x4.add(v128.load(a + at), f32x4.mul(factor, v128.load(b + at))));
    v128.store(to + at, f32x4.add(v128.load(a + at, 16), f32x4.mul(factor, v128.load(b + at, 16))), 16);
  }
}
