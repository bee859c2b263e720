/*
 * Single-precision numbers as whole numbers of 32 bits in the same order: the usual radix-sort key. Leading bits are
 * sign and power of two, so that a histogram over them finds the range of a column whose scale nobody knows, without
 * anybody's minimum or maximum.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The key of each value, in the values' order once rounded to single precision. */
export function orderedKeys(values: Float64Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    float[0] = values[index]!;
    // Both zeros are one value; a negative number too small for single precision has become the negative one.
    const raw = bits[0] === negativeZero ? 0 : bits[0]!;
    keys[index] = raw >>> 31 === 1 ? ~raw : raw | 0x8000_0000;
  }
  return keys;
}

/** The largest number whose key is at most `key`: the largest or smallest finite one beyond those. */
export function floatOfKey(key: number): number {
  if (key === keyOfNegativeZero) return -smallest;
  bits[0] = key >>> 31 === 1 ? key & 0x7fff_ffff : ~key;
  const value = float[0]!;
  if (Number.isFinite(value)) return value;
  return key >>> 31 === 1 ? largest : -largest;
}

const negativeZero = 0x8000_0000;

/** No number has this key. */
const keyOfNegativeZero = 0x7fff_ffff;

/** The smallest positive single-precision number. */
const smallest = 2 ** -149;

/** The largest finite single-precision number. */
const largest = 2 ** 127 * (2 - 2 ** -23);
