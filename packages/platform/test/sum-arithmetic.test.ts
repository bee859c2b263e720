import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { primitives } from "../src/primitives.js";

const { arithmetic } = primitives;

/** Lengths around what the kernel holds at a time, and around its vectors. */
const length = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(8_191, 8_192, 8_193, 16_385, 20_002));
/** Numbers that repeat, by a multiplicative generator. */
const numbers = (count: number, seed: number) => {
  let state = seed * 2 + 1;
  return Array.from({ length: count }, () => (state = Math.imul(state, 0x915f77f5)));
};
const bytesOfWords = (words: readonly number[]) => new Uint8Array(Int32Array.from(words).buffer);
/** What `bytes` hold, in their order. */
const streamOf = (bytes: Uint8Array) => {
  let at = 0;
  return (into: Uint8Array) => into.set(bytes.subarray(at, (at += into.length)));
};
/** At an address that is no multiple of four. */
const unaligned = (bytes: Uint8Array) => {
  const room = new Uint8Array(bytes.length + 1);
  room.set(bytes, 1);
  return room.subarray(1);
};

describe("words that are added", () => {
  it("wrap around at 2^32, wherever they lie in memory", () => {
    fc.assert(
      fc.property(length, fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 9 }), (count, seed, streams) => {
        const sums = Int32Array.from(numbers(count, seed));
        const added = Array.from({ length: streams }, (_, stream) => numbers(count, seed + stream + 1));
        const expected = sums.map((sum, at) => added.reduce((total, words) => (total + (words[at] ?? 0)) | 0, sum));
        const shifted = added.map((words) => unaligned(bytesOfWords(words)));
        const one = sums.slice();
        for (const words of shifted) arithmetic.addWords(one, words);
        expect(Buffer.compare(bytesOfWords([...one]), bytesOfWords([...expected]))).toBe(0);
        arithmetic.addStreams(sums, shifted.map(streamOf));
        expect(Buffer.compare(bytesOfWords([...sums]), bytesOfWords([...expected]))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("are as many as the sums, or refused", () => {
    for (const bytes of [8, 11, 13, 16]) {
      const add = () => arithmetic.addWords(new Int32Array(3), new Uint8Array(bytes));
      expect(add).toThrow(`${bytes} bytes are added to sums: 12 are needed`);
    }
  });
});

describe("values that are rounded at random", () => {
  it("are what plain arithmetic makes of them, bit by bit", () => {
    fc.assert(
      fc.property(length, fc.integer({ min: 0, max: 1e6 }), fc.boolean(), (count, seed, isSingle) => {
        const by = { scale: 777.77, limit: 0.6 };
        const real = numbers(count, seed).map((word) => word / 2 ** 31);
        const values = isSingle ? Float32Array.from(real) : Float64Array.from(real);
        const words = numbers(count, seed + 1);
        const integers = new Int32Array(count);
        const squares = arithmetic.roundAtRandom(values, by, streamOf(bytesOfWords(words)), integers);
        const expected = Array.from(values, (value, at) => {
          const cut = Math.max(-by.limit, Math.min(by.limit, value));
          return Math.floor(cut * by.scale + ((words[at] ?? 0) >>> 0) / 2 ** 32);
        });
        expect(integers).toEqual(Int32Array.from(expected));
        expect(squares).toBe(expected.reduce((sum, integer) => sum + integer ** 2, 0));
      }),
      { numRuns: 40 },
    );
  });

  it("need an integer for each of them", () => {
    const [values, by] = [new Float64Array(5), { scale: 1, limit: 1 }];
    expect(() => arithmetic.roundAtRandom(values, by, primitives.random, new Int32Array(6))).toThrow(
      "6 integers are made of values: 5 are needed",
    );
  });
});

describe("the sum of squares", () => {
  it("counts each value up to the limit", () => {
    const values = Float64Array.from({ length: 8_195 }, (_, at) => (at % 2 === 0 ? 3 : -50));
    expect(arithmetic.squaresOf(values, 4)).toBe(4_098 * 9 + 4_097 * 16);
    expect(arithmetic.squaresOf(Float32Array.of(0.5, -0.25), Infinity)).toBe(0.3125);
  });

  it("is NaN where one value is not finite, wherever it is", () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 1, 2, 3, 4, 8_191, 8_192, 8_194]) {
        const values = new Float64Array(8_195).fill(1);
        values[at] = bad;
        expect(arithmetic.squaresOf(values, 2)).toBeNaN();
      }
    }
  });
});
