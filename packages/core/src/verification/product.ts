import type { Primitives } from "../privacy/primitives.js";
import { valueTag } from "../protocol/values.js";
import { readProduct, readProductInput } from "./product-format.js";

/**
 * The arithmetic is modulo the Mersenne prime 2^31 - 1. An entry of a product is smaller than half of it, either way, so that no two
 * that differ are alike modulo it: what has overflowed, or was moved by the modulus, is found like any other error.
 */
const modulus = 2 ** 31 - 1;

/** What a product's input and output amount to: "no-product" where the input is not that of one, which is its requester's fault. */
export type ProductVerdict = "right" | "wrong" | "no-product";

/**
 * Whether an output is the product of the two matrices in an input: for a random vector r, A x (B x r) must be C x r (Freivalds 1977,
 * "Probabilistic machines can use less running time"). A wrong product passes with probability 1 / (2^31 - 1) at most, over the draw of r,
 * which whoever gave the output cannot have foreseen. It costs as much as reading both, about, where the product costs `inner` times that.
 * Never throws, whatever the bytes.
 * @param input,output the plaintexts, tagged as values are (`encodeValue`); see `product-format.ts` for what is in them
 * @param random its `randomBytes` alone; drawn when both are known
 */
export function productVerdict(
  input: Uint8Array,
  output: Uint8Array,
  random: Pick<Primitives, "randomBytes">,
): ProductVerdict {
  const given = readProductInput(untagged(input));
  if (!given) return "no-product";
  const { left, right, bound } = given;
  const product = readProduct(untagged(output));
  if (product?.rows !== left.rows || product.columns !== right.columns) return "wrong";
  if (product.entries.some((entry) => Math.abs(entry) > bound)) return "wrong";
  const vector = drawVector(right.columns, random);
  const expected = times(left, times(right, vector));
  const claimed = times(product, vector);
  return expected.every((value, row) => value === claimed[row]) ? "right" : "wrong";
}

function untagged(value: Uint8Array): Uint8Array {
  return value[0] === valueTag.bytes ? value.subarray(1) : new Uint8Array(0);
}

/** As many numbers from 0 to the modulus - 1, each as likely. */
function drawVector(length: number, random: Pick<Primitives, "randomBytes">): Float64Array {
  const vector = new Float64Array(length);
  let drawn = 0;
  while (drawn < length) {
    const bytes = random.randomBytes(Math.min(length - drawn, 16_384) * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 4) {
      const value = view.getUint32(at, true) & modulus;
      if (value < modulus) vector[drawn++] = value; // the modulus itself, once in 2^31, is drawn again
    }
  }
  return vector;
}

interface Entries {
  readonly rows: number;
  readonly columns: number;
  readonly entries: Int16Array | Int32Array;
}

/** Terms that are summed before they are reduced: a remainder costs more than all else. */
const termsAtATime = 64;

/**
 * A matrix by a vector, modulo the prime. Entries are below 2^30 either way and numbers of the vector below 2^31: their product would not
 * be exact in a double, so that each is taken in two halves. 64 of those are below 2^51 and 2^52.
 */
function times({ rows, columns, entries }: Entries, vector: Float64Array): Float64Array {
  const high = vector.map((value) => Math.floor(value / 2 ** 16));
  const low = vector.map((value) => value % 2 ** 16);
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let from = 0; from < columns; from += termsAtATime) {
      const to = Math.min(from + termsAtATime, columns);
      let [highs, lows] = [0, sum];
      for (let column = from; column < to; column++) {
        const entry = entries[row * columns + column] ?? 0;
        highs += entry * (high[column] ?? 0);
        lows += entry * (low[column] ?? 0);
      }
      sum = ((highs % modulus) * 2 ** 16 + lows) % modulus;
    }
    result[row] = sum < 0 ? sum + modulus : sum;
  }
  return result;
}
