import type { RandomWords } from "./random-words.js";

/** Probabilities are integers, of which this many bits make one. */
const probabilityBits = 95;
/** Bits of a word: one for the sign, the rest for the column and the first part of the fraction. */
const usedBits = 31;

/**
 * Columns of Walker's alias method (1977; built as by Vose 1991): each of 2^columnBits columns is equally likely, and gives its own
 * number where the fraction, 95 - columnBits random bits, is below its threshold, and the number in `others` where it is not.
 */
export interface Columns {
  readonly columnBits: number;
  /** The first 31 - columnBits bits of each threshold, in one array with the other number: both are read together. */
  readonly firstAndOther: Int32Array;
  /** The two words of each threshold that follow; read only where the first bits are equal, once in 2^(31 - columnBits) draws. */
  readonly second: Uint32Array;
  readonly third: Uint32Array;
}

/**
 * Draws integers that are as likely as their negatives. Each draw takes one random word, rarely three. Its distribution is exactly
 * that of the integer probabilities that it was made of. The time that a draw takes depends on it by the reading of memory.
 */
export class SymmetricTable {
  readonly #columns: Columns;

  /**
   * @param probabilities of the magnitudes 0, 1, 2, ..., as integers that add up to 2^95.
   * @throws RangeError where they do not, or one is negative.
   */
  constructor(probabilities: readonly bigint[]) {
    this.#columns = columnsOf(probabilities);
  }

  /** Fills `values` with independent draws. */
  drawInto(values: Int32Array, words: RandomWords): void {
    const { columnBits, firstAndOther } = this.#columns;
    const mask = (1 << columnBits) - 1;
    for (let at = 0; at < values.length; at++) {
      const word = words.next();
      const column = (word >>> 1) & mask;
      const first = word >>> (columnBits + 1);
      const threshold = firstAndOther[2 * column] as number;
      const isOwn = first === threshold ? this.#isBelow(column, words) : first < threshold;
      const magnitude = isOwn ? column : (firstAndOther[2 * column + 1] as number);
      values[at] = word & 1 ? -magnitude : magnitude;
    }
  }

  /** Whether the rest of the fraction is below the rest of the threshold. */
  #isBelow(column: number, words: RandomWords): boolean {
    const [second, third] = [words.next(), words.next()];
    const threshold = this.#columns.second[column] as number;
    return second === threshold ? third < (this.#columns.third[column] as number) : second < threshold;
  }
}

/**
 * Probabilities in proportion to `weights`, rounded down to parts of 2^-95; what is left by rounding goes to the first. Magnitudes at
 * the end that get nothing are left out.
 */
export function inParts(weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const parts = weights.map((weight) => (weight << BigInt(probabilityBits)) / total);
  const rest = (1n << BigInt(probabilityBits)) - parts.reduce((sum, part) => sum + part, 0n);
  parts[0] = (parts[0] ?? 0n) + rest;
  return parts.slice(0, parts.findLastIndex((part) => part > 0n) + 1);
}

/** The columns of these probabilities: without any rounding. */
export function columnsOf(probabilities: readonly bigint[]): Columns {
  requireProbabilities(probabilities);
  const columnBits = Math.max(1, Math.ceil(Math.log2(probabilities.length)));
  const count = 2 ** columnBits;
  const height = 1n << BigInt(probabilityBits - columnBits);
  const left = Array.from({ length: count }, (_, at) => probabilities[at] ?? 0n);
  const columns: Columns = {
    columnBits,
    firstAndOther: new Int32Array(2 * count),
    second: new Uint32Array(count),
    third: new Uint32Array(count),
  };
  const low = [...left.keys()].filter((at) => (left[at] as bigint) < height);
  const high = [...left.keys()].filter((at) => (left[at] as bigint) >= height);
  for (let at = low.pop(); at !== undefined; at = low.pop()) {
    // they add up to the height for each: where one is below, another one is above
    const other = high.at(-1) as number;
    write(columns, at, { threshold: left[at] as bigint, other });
    left[other] = (left[other] as bigint) - (height - (left[at] as bigint));
    if (left[other] < height) low.push(high.pop() as number);
  }
  for (const at of high) write(columns, at, { threshold: height, other: at });
  return columns;
}

function requireProbabilities(probabilities: readonly bigint[]): void {
  const sum = probabilities.reduce((one, other) => one + other, 0n);
  if (sum !== 1n << BigInt(probabilityBits) || probabilities.some((probability) => probability < 0n))
    throw new RangeError(`probabilities have to be >= 0 and to add up to 2^${probabilityBits}, not ${sum}`);
  if (Math.log2(probabilities.length) > usedBits - 8)
    throw new RangeError(`${probabilities.length} magnitudes: too many`);
}

function write(columns: Columns, at: number, { threshold, other }: { threshold: bigint; other: number }): void {
  columns.firstAndOther[2 * at] = Number(threshold >> 64n);
  columns.firstAndOther[2 * at + 1] = other;
  columns.second[at] = Number((threshold >> 32n) & 0xffffffffn);
  columns.third[at] = Number(threshold & 0xffffffffn);
}
