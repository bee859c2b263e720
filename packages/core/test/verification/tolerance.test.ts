import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areClose, doAgree, type JsonValue, likenessOf, type Tolerance } from "../../src/index.js";

const millionth: Tolerance = { billionths: 1_000 };
const exact: Tolerance = { billionths: 0 };

function floats(values: readonly number[], width: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries())
    if (width === 4) view.setFloat32(at * 4, value, true);
    else view.setFloat64(at * 8, value, true);
  return bytes;
}

const deep = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as JsonValue;

const within = (most: number, values: readonly number[]) =>
  likenessOf(values.length, (one, other) => Math.abs((values[one] ?? 0) - (values[other] ?? 0)) <= most);

/** The tensor `w` in safetensors form. */
function tensor(dtype: string, content: Uint8Array, name = "w", offsets: unknown = [0, content.length]): Uint8Array {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype, shape: [1], data_offsets: offsets } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, content]);
}

describe("two numbers are close", () => {
  it("when they differ by a part of the larger that is within the tolerance", () => {
    expect(areClose(1_000_000, 1_000_001, millionth)).toBe(true);
    expect(areClose(1_000_000, 1_000_002, millionth)).toBe(false);
    expect(areClose(-3e-300, -3.000001e-300, millionth)).toBe(true);
    expect(areClose(1e308, -1e308, { billionths: 1_000_000_000 })).toBe(false);
    expect(areClose(0.1 + 0.2, 0.3, exact)).toBe(false);
  });

  it("when both are no number, or zero, but infinite only when both are so in the same way", () => {
    expect(areClose(Number.NaN, Number.NaN, exact)).toBe(true);
    expect(areClose(Number.NaN, 1, { billionths: 1_000_000_000 })).toBe(false);
    expect(areClose(0, -0, exact)).toBe(true);
    expect(areClose(Infinity, Infinity, exact)).toBe(true);
    expect(areClose(Infinity, Number.MAX_VALUE, { billionths: 1_000_000_000 })).toBe(false);
    expect(areClose(Infinity, -Infinity, { billionths: 1_000_000_000 })).toBe(false);
  });

  it("whichever of them comes first, whatever the scale", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.integer({ min: 0, max: 1e9 }), (one, other, billionths) => {
        expect(areClose(one, other, { billionths })).toBe(areClose(other, one, { billionths }));
        expect(areClose(one, one, { billionths })).toBe(true);
      }),
    );
  });
});

describe("two outputs agree", () => {
  it("where numbers are close wherever they are, and all else is the same", () => {
    const one: JsonValue = { loss: [0.25, { last: 3 }], name: "a", none: null };
    expect(doAgree(one, { none: null, name: "a", loss: [0.250_000_1, { last: 3.000_001 }] }, millionth)).toBe(true);
    expect(doAgree(one, { ...one, name: "b" }, millionth)).toBe(false);
    expect(doAgree(one, { ...one, more: 1 }, millionth)).toBe(false);
    expect(doAgree(one, { ...one, none: 0 }, millionth)).toBe(false);
    expect(doAgree([1], { 0: 1 }, millionth)).toBe(false);
    expect(doAgree([1, 2], [1], millionth)).toBe(false);
    expect(doAgree("1", 1, millionth)).toBe(false);
    expect(doAgree(JSON.parse('{"__proto__":1}') as JsonValue, {}, millionth)).toBe(false);
  });

  it("bytes exactly, unless they are said to be floats and are as long", () => {
    const [one, other] = [floats([1, -2.5], 4), floats([1.000_000_2, -2.5], 4)];
    expect(doAgree(one, other, millionth)).toBe(false);
    expect(doAgree(one, other, { ...millionth, bytes: "float32" })).toBe(true);
    expect(doAgree(one, other, { ...exact, bytes: "float32" })).toBe(false);
    expect(doAgree(one, floats([1], 4), { ...millionth, bytes: "float32" })).toBe(false);
    expect(doAgree(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3), { ...millionth, bytes: "float32" })).toBe(true);
    expect(doAgree(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4), { ...millionth, bytes: "float32" })).toBe(false);
    expect(doAgree(floats([1e9], 8), floats([1e9 + 1], 8), { ...millionth, bytes: "float64" })).toBe(true);
    expect(doAgree(one, [1, -2.5], { ...millionth, bytes: "float32" })).toBe(false);
  });

  it("the floats in tensors, but names and whole numbers exactly", () => {
    const tolerance: Tolerance = { ...millionth, bytes: "safetensors" };
    const [one, other] = [floats([1, 2], 4), floats([1.000_000_2, 2], 4)];
    expect(doAgree(tensor("F32", one), tensor("F32", other), tolerance)).toBe(true);
    expect(doAgree(tensor("F32", one), tensor("F32", floats([1.1, 2], 4)), tolerance)).toBe(false);
    expect(doAgree(tensor("I32", one), tensor("I32", other), tolerance)).toBe(false);
    expect(doAgree(tensor("F32", one), tensor("F32", one, "v"), tolerance)).toBe(false);
  });

  it("exactly where the tensors are not where they are said to be", () => {
    const tolerance: Tolerance = { ...millionth, bytes: "safetensors" };
    const [one, other] = [floats([1, 2], 4), floats([1.000_000_2, 2], 4)];
    for (const offsets of [[0, 1_000], [-4, 4], [8, 0], [0, 6], [0.5, 4.5], ["0", "8"], {}, null]) {
      expect(doAgree(tensor("F32", one, "w", offsets), tensor("F32", one, "w", offsets), tolerance)).toBe(true);
      expect(doAgree(tensor("F32", one, "w", offsets), tensor("F32", other, "w", offsets), tolerance)).toBe(false);
    }
  });

  it("or not, without an exception, whatever was answered", () => {
    expect(doAgree(deep(100_000), deep(100_000), millionth)).toBe(true);
    expect(doAgree(deep(5_000), deep(5_001), millionth)).toBe(false);
    const bytes = fc.uint8Array({ maxLength: 64 });
    const kinds = fc.constantFrom("float32", "float64", "safetensors", undefined);
    fc.assert(
      fc.property(bytes, bytes, kinds, (one, other, kind) => {
        const tolerance = { billionths: 7, ...(kind && { bytes: kind }) };
        expect(doAgree(one, one, tolerance)).toBe(true);
        expect(doAgree(one, other, tolerance)).toBe(doAgree(other, one, tolerance));
        expect(doAgree(tensor(String(one), other), tensor(String(one), other), tolerance)).toBe(true);
      }),
    );
  });
});

describe("of several runs", () => {
  it("the one is chosen that most others agree with, and those with it", () => {
    expect(within(1, [9, 5, 5.5, 6])).toEqual({ chosen: 1, accepted: [1, 2, 3] });
    expect(within(1, [5, 6, 7])).toEqual({ chosen: 1, accepted: [0, 1, 2] }); // the outer two differ by more
    expect(within(1, [1, 1, 8, 8])).toEqual({ chosen: 0, accepted: [0, 1] });
  });

  it("none is, where no two are alike", () => {
    expect(within(1, [1, 3, 5])).toBeUndefined();
    expect(within(1, [1])).toBeUndefined();
    expect(within(1, [])).toBeUndefined();
  });
});
