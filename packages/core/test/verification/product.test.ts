import { primitives } from "@aegis-pool/platform";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type IntegerMatrix,
  largestSum,
  productInput,
  productVerdict,
  readProduct,
  readProductInput,
} from "../../src/index.js";
import { asVector, vectorFile } from "../fixtures.js";

type Matrix = IntegerMatrix<Int16Array>;

function matrix(rows: number, columns: number, entry: (at: number) => number): Matrix {
  return { rows, columns, entries: Int16Array.from({ length: rows * columns }, (_, at) => entry(at)) };
}

/** The product of two matrices, as a program computes it. */
function product(left: Matrix, right: Matrix): number[] {
  return Array.from({ length: left.rows * right.columns }, (_, at) => {
    const [row, column] = [Math.floor(at / right.columns), at % right.columns];
    let sum = 0;
    for (let inner = 0; inner < left.columns; inner++)
      sum += (left.entries[row * left.columns + inner] ?? 0) * (right.entries[inner * right.columns + column] ?? 0);
    return sum;
  });
}

function output(rows: number, columns: number, entries: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(9 + entries.length * 4);
  bytes.writeUInt32LE(rows, 1);
  bytes.writeUInt32LE(columns, 5);
  for (const [at, entry] of entries.entries()) bytes.writeInt32LE(entry, 9 + at * 4);
  return bytes;
}

const row = (entry: number, inner: number) => matrix(1, inner, () => entry);
const column = (entry: number, inner: number) => matrix(inner, 1, () => entry);
const tagged = (body: Uint8Array) => Buffer.concat([Uint8Array.of(0), body]);
const verdict = (input: Uint8Array, answer: Uint8Array) => productVerdict(input, answer, primitives);

const left = matrix(5, 7, (at) => ((at * 37) % 511) - 255);
const right = matrix(7, 3, (at) => ((at * 91) % 401) - 200);
const input = tagged(productInput(left, right));
const entries = product(left, right);
const answer = output(5, 3, entries);

describe("a product", () => {
  it("is right where each entry is", () => {
    expect(verdict(input, answer)).toBe("right");
  });

  it("is wrong with any one entry off by one", () => {
    for (const at of entries.keys())
      expect(verdict(input, output(5, 3, entries.with(at, (entries[at] ?? 0) + 1)))).toBe("wrong");
  });

  it("is right for whoever computes it, and wrong for whoever changes it anywhere", () => {
    const side = fc.integer({ min: 1, max: 9 });
    const value = fc.integer({ min: -3_000, max: 3_000 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        fc.array(value, { minLength: 1, maxLength: 50 }),
        (rows, inner, columns, values) => {
          const [one, other] = [
            matrix(rows, inner, (at) => values[at % values.length] ?? 0),
            matrix(inner, columns, (at) => values[(at * 5 + 3) % values.length] ?? 0),
          ];
          const of = tagged(productInput(one, other));
          const claimed = product(one, other);
          expect(verdict(of, output(rows, columns, claimed))).toBe("right");
          expect(verdict(of, output(rows, columns, claimed.toReversed().with(0, (claimed[0] ?? 0) ^ 1)))).toBe("wrong");
        },
      ),
    );
  });

  it("is wrong where an entry has wrapped to another with the same residue", () => {
    const modulus = 2 ** 31 - 1;
    for (const [at, entry] of entries.entries()) {
      const wrapped = entry > 0 ? entry - modulus : entry + modulus;
      expect(verdict(input, output(5, 3, entries.with(at, wrapped)))).toBe("wrong");
    }
  });

  it("is wrong where entries are floats, not numbers among them", () => {
    for (const float of [Number.NaN, Infinity, -Infinity, entries[4] ?? 0]) {
      const bytes = Buffer.from(answer);
      bytes.writeFloatLE(float, 9 + 4 * 4);
      expect(verdict(input, bytes)).toBe("wrong");
    }
  });

  it("is wrong with a header of other sizes, of too few bytes, or of 2^32 rows", () => {
    expect(verdict(input, output(3, 5, entries))).toBe("wrong");
    expect(verdict(input, output(2 ** 32 - 1, 3, entries))).toBe("wrong");
    expect(verdict(input, output(2 ** 32 - 1, 2 ** 32 - 1, []))).toBe("wrong");
    expect(verdict(input, answer.subarray(0, -1))).toBe("wrong");
    const zeros = tagged(
      productInput(
        matrix(2, 2, () => 0),
        matrix(2, 3, () => 0),
      ),
    );
    expect(verdict(zeros, output(2, 3, [0, 0, 0, 0, 0, 0]))).toBe("right");
    expect(verdict(zeros, output(3, 2, [0, 0, 0, 0, 0, 0]))).toBe("wrong");
    expect(verdict(input, Buffer.concat([Uint8Array.of(1), answer.subarray(1)]))).toBe("wrong");
  });

  it("is none where the input is none: its requester made that", () => {
    const huge = Buffer.from(input);
    huge.writeUInt32LE(2 ** 32 - 1, 1);
    for (const bad of [huge, input.subarray(0, -1), Buffer.from('\x01"json"'), new Uint8Array(0)])
      expect(verdict(bad, answer)).toBe("no-product");
    const empty = tagged(Buffer.alloc(12));
    expect(verdict(empty, output(0, 0, []))).toBe("no-product");
  });

  it("is none where a sum might not be exact, to the last one that is", () => {
    const [most, inner] = [32_767, 1];
    expect(most * most * inner).toBeLessThanOrEqual(largestSum);
    expect(verdict(tagged(productInput(row(most, 1), column(most, 1))), output(1, 1, [most * most]))).toBe("right");
    expect(() => productInput(row(most, 2), column(most, 2))).toThrow(/cannot be multiplied/);
    expect(() => productInput(row(1, 2), column(1, 3))).toThrow(/1 x 2 and 3 x 1/);
  });

  it("is right also where sums are as large as they may be, over more entries than are summed at a time", () => {
    const [one, other] = [
      matrix(2, 200, (at) => 2_300 - (at % 3)),
      matrix(200, 150, (at) => (at % 2 ? -2_300 : 2_300)),
    ];
    const of = tagged(productInput(one, other));
    const claimed = product(one, other);
    expect(Math.max(...claimed)).toBeGreaterThan(2 ** 29.9);
    expect(verdict(of, output(2, 150, claimed))).toBe("right");
    expect(verdict(of, output(2, 150, claimed.with(299, -(claimed[299] ?? 0))))).toBe("wrong");
  });

  it("never breaks whoever checks it, whatever the bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
        (one, other, sides) => {
          expect(verdict(one, other)).toBe("no-product");
          const header = Buffer.alloc(13);
          for (const [at, value] of sides.entries()) header.writeUInt32LE(value, 1 + 4 * at);
          expect(["right", "wrong", "no-product"]).toContain(verdict(Buffer.concat([header, one]), other));
        },
      ),
    );
  });
});

it("the format of products is that of vectors/product.json", async () => {
  const small = matrix(2, 3, (at) => at * 100 - 250);
  const other = matrix(3, 2, (at) => 40 - at * 13);
  const of = productInput(small, other);
  const result = output(2, 2, product(small, other)).subarray(1);
  expect(readProductInput(of)).toMatchObject({ left: small, right: other, bound: 3 * 250 * 40 });
  expect(readProduct(result)).toEqual({ rows: 2, columns: 2, entries: Int32Array.from(product(small, other)) });
  const source = "packages/core/src/verification/product-format.ts; bodies of inputs and outputs, without their tag";
  const vectors = [
    { left: small, right: other, input: of, output: result, verdict: "right" },
    { input: of, output: result.map((byte, at) => (at === 8 ? byte ^ 1 : byte)), verdict: "wrong" },
    { input: of.subarray(0, -2), output: result, verdict: "no-product" },
  ];
  for (const one of vectors) expect(verdict(tagged(one.input), tagged(one.output))).toBe(one.verdict);
  const plain = vectors.map(({ left: a, right: b, ...rest }) => ({
    ...(a && b && { left: { ...a, entries: [...a.entries] }, right: { ...b, entries: [...b.entries] } }),
    ...rest,
  }));
  await expect(asVector({ source, vectors: plain })).toMatchFileSnapshot(vectorFile("product"));
});
