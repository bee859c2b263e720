import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { skellamProbabilities } from "../../../src/federated/accounting/skellam-losses.js";
import { RandomWords } from "../../../src/federated/noise/random-words.js";
import { magnitudeProbabilities, SkellamNoise } from "../../../src/federated/noise/skellam-noise.js";
import { columnsOf, SymmetricTable } from "../../../src/federated/noise/symmetric-table.js";
import { chiSquareScore, seededWords } from "./seeded-words.js";

const one = 2n ** 95n;

/** The probability of each magnitude, put together again from the columns, as a part of 2^95. */
function probabilitiesOf(weights: readonly bigint[]): bigint[] {
  const { columnBits, firstAndOther, second, third } = columnsOf(weights);
  const height = one >> BigInt(columnBits);
  const sums = Array.from({ length: 2 ** columnBits }, () => 0n);
  for (let at = 0; at < 2 ** columnBits; at++) {
    const rest = (BigInt(second[at] ?? 0) << 32n) + BigInt(third[at] ?? 0);
    const threshold = (BigInt(firstAndOther[2 * at] ?? 0) << 64n) + rest;
    const other = firstAndOther[2 * at + 1] ?? 0;
    sums[at] = (sums[at] ?? 0n) + threshold;
    sums[other] = (sums[other] ?? 0n) + height - threshold;
  }
  return sums;
}

/** Words that are read in order. */
function givenWords(...words: readonly number[]): RandomWords {
  const bytes = new Uint8Array(16_384);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of words.entries()) view.setUint32(4 * at, word, true);
  return new RandomWords(() => bytes);
}

describe("a table of probabilities", () => {
  it("has exactly the probabilities that it was made of, to the last of 95 bits", () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 2n ** 80n }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(weights, (some) => {
        const all = [one - some.reduce((sum, weight) => sum + weight, 0n), ...some];
        const found = probabilitiesOf(all);
        expect(found.slice(0, all.length)).toEqual(all);
        expect(found.slice(all.length).every((probability) => probability === 0n)).toBe(true);
      }),
    );
  });

  it("reads more words where the first one does not decide", () => {
    // two columns: 0 has a threshold of a half and a little: its first 30 bits are 1 followed by zeros
    const little = 2n ** 20n;
    const table = new SymmetricTable([one / 4n + little, (3n * one) / 4n - little]);
    const column = 0 << 1;
    const tie = (2 ** 29 * 4 + column) >>> 0;
    const draw = (...words: readonly number[]) => {
      const values = new Int32Array(1);
      table.drawInto(values, givenWords(...words));
      return values[0];
    };
    expect(draw(tie - 4)).toBe(0);
    expect(draw(tie + 4)).toBe(1);
    expect(draw(tie, 0, 2 ** 20 - 1)).toBe(0);
    expect(draw(tie, 0, 2 ** 20)).toBe(1);
    expect(draw(tie, 1, 0)).toBe(1);
    expect(draw(tie + 5)).toBe(-1);
  });

  it("is refused where probabilities do not add up, or are none", () => {
    expect(() => new SymmetricTable([one - 1n])).toThrow(RangeError);
    expect(() => new SymmetricTable([one + 1n, -1n])).toThrow(RangeError);
  });
});

describe("Skellam noise", () => {
  it("has the probabilities of Bessel functions", () => {
    for (const variance of [0.02, 0.7, 7.3, 350.5, 40_000]) {
      const exact = magnitudeProbabilities(variance);
      const doubles = skellamProbabilities(variance);
      const likely = [...doubles.keys()].filter((k) => (doubles[k] ?? 0) > 1e-20);
      for (const k of likely)
        expect(Number(exact[k]) / Number(one) / (k > 0 ? 2 : 1) / (doubles[k] ?? 0)).toBeCloseTo(1, 8);
      // the second moment, to all digits: no tail is missing
      const moment = exact.reduce((sum, weight, k) => sum + weight * BigInt(k * k), 0n);
      expect(Number(moment) / Number(one) / variance).toBeCloseTo(1, 13);
    }
  });

  for (const variance of [0.3, 2.5, 37.7, 5000])
    it(`of variance ${variance} is drawn as often as it should`, () => {
      const draws = 400_000;
      const values = new Int32Array(draws);
      new SkellamNoise(seededWords(`variance ${variance}`)).addTo(values, variance);
      const counts = new Map<number, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      const means = [...skellamProbabilities(variance)].map((p) => p * draws);
      const expected = new Map(
        means.flatMap(
          (mean, k) =>
            (k > 0
              ? [
                  [k, mean],
                  [-k, mean],
                ]
              : [[k, mean]]) as [number, number][],
        ),
      );
      expect(Math.abs(chiSquareScore(counts, expected))).toBeLessThan(4.5);
    });

  it("adds up: the sum of five noises has five times the variance, and the shape", () => {
    const [draws, variance] = [200_000, 3.2];
    const noise = new SkellamNoise(seededWords("five"));
    const sums = new Int32Array(draws);
    for (let participant = 0; participant < 5; participant++) noise.addTo(sums, variance);
    const counts = new Map<number, number>();
    for (const value of sums) counts.set(Math.abs(value), (counts.get(Math.abs(value)) ?? 0) + 1);
    const expected = new Map([...skellamProbabilities(5 * variance)].map((p, k) => [k, (k > 0 ? 2 : 1) * p * draws]));
    expect(Math.abs(chiSquareScore(counts, expected))).toBeLessThan(4.5);
  });

  for (const variance of [1e6, 7e8])
    it(`has its moments where the noise is wide: a variance of ${variance}`, () => {
      const values = new Int32Array(200_000);
      new SkellamNoise(seededWords(`wide ${variance}`)).addTo(values, variance);
      const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
      expect(Math.abs(moment(1)) / Math.sqrt(variance / values.length)).toBeLessThan(4.5);
      expect(Math.abs(moment(2) / variance - 1)).toBeLessThan(4.5 * Math.sqrt(2 / values.length));
      expect(Math.abs(moment(4) / (3 * variance ** 2) - 1)).toBeLessThan(4.5 * Math.sqrt(96 / 9 / values.length));
    });

  it("is added to what is there, and goes around at 2^31 as sums do", () => {
    const integers = Int32Array.from({ length: 1000 }, () => 2 ** 31 - 1);
    new SkellamNoise(seededWords("around")).addTo(integers, 9);
    const noise = integers.map((integer) => integer - (2 ** 31 - 1));
    expect(noise.every((value) => Math.abs(value) < 40)).toBe(true);
    expect(integers.some((integer) => integer < 0)).toBe(true);
  });

  it("is the same for one variance whatever others came between", () => {
    const noise = new SkellamNoise(seededWords("many"));
    const squares = (variance: number) => {
      const values = new Int32Array(20_000);
      noise.addTo(values, variance);
      return values.reduce((sum, value) => sum + value * value, 0) / values.length;
    };
    for (const variance of [30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30])
      expect(Math.abs(squares(variance) / variance - 1)).toBeLessThan(4.5 * Math.sqrt((2 + 1 / variance) / 20_000));
  });

  it("is refused for a variance outside its range", () => {
    const noise = new SkellamNoise(seededWords("refused"));
    for (const variance of [0, 1e-4, 1.1e10, Number.NaN])
      expect(() => noise.addTo(new Int32Array(1), variance)).toThrow("a variance of");
  });
});

describe("random words", () => {
  it("are the bytes of the source, little-endian, each once", () => {
    let asked = 0;
    const words = new RandomWords((length) => Uint8Array.from({ length }, (_, at) => (at + 13 * asked++) % 256));
    const source = Array.from({ length: 16_384 }, (_, at) => (at + 13 * at) % 256);
    expect(words.next()).toBe(new DataView(Uint8Array.from(source).buffer).getUint32(0, true));
    expect(words.next()).toBe(new DataView(Uint8Array.from(source).buffer).getUint32(4, true));
    for (let at = 2; at < 4096; at++) words.next();
    expect(asked).toBe(16_384);
    words.next();
    expect(asked).toBe(32_768);
  });

  it("make uniform numbers of 53 bits, never one", () => {
    expect(givenWords(2 ** 31, 0).uniform()).toBe(0.5);
    expect(givenWords(0, 2 ** 11).uniform()).toBe(2 ** -53);
    expect(givenWords(2 ** 32 - 1, 2 ** 32 - 1).uniform()).toBe(1 - 2 ** -53);
    const words = seededWords("uniform");
    const share = Array.from({ length: 100_000 }, () => words.uniform()).filter((value) => value < 0.03).length / 1e5;
    expect(Math.abs(share - 0.03)).toBeLessThan(4.5 * Math.sqrt((0.03 * 0.97) / 1e5));
  });

  it("are not taken from a source that gives too few bytes", () => {
    expect(() => new RandomWords(() => new Uint8Array(8)).next()).toThrow(RangeError);
  });
});
