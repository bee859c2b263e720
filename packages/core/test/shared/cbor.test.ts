import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/shared/bytes.js";
import { cborLimits, fromCbor, parseCbor, toCbor } from "../../src/shared/cbor.js";
import { filled, hex } from "../fixtures.js";

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.uint8Array({ maxLength: 40 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))),
}));
const permuted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).toReversed());
/** An array of this many empty maps, which is one byte each. */
const arrayOf = (items: number): Uint8Array =>
  concatBytes(Uint8Array.of(0x9a, items >> 24, items >> 16, items >> 8, items), filled(0xa0, items));
const nested = (depth: number): Uint8Array => concatBytes(filled(0x81, depth), Uint8Array.of(0));

describe("deterministic CBOR", () => {
  it("brings every value back", () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(fromCbor(toCbor(original))).toEqual(original);
      }),
    );
  });

  it("does not depend on the order in which properties were set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), leaf), (record) => {
        expect(toHex(toCbor(permuted(record)))).toBe(toHex(toCbor(record)));
      }),
    );
  });

  it("is the library's, byte for byte", () => {
    const options = { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true };
    const numbers = fc.oneof(value, fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(undefined, -0, 2 ** 53));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), numbers), (record) => {
        expect(toHex(toCbor(record))).toBe(toHex(encode(record, options)));
      }),
    );
    const heads = [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].flatMap((n) => [n, -n, -1 - n]);
    for (const each of [...heads, filled(1, 700), "x".repeat(70_000), [filled(2, 300), { b: null, a: true, "": [] }]]) {
      expect(toHex(toCbor(each))).toBe(toHex(encode(each, options)));
    }
  });

  it("is the encoding of RFC 8949, appendix A and section 4.2.1", () => {
    expect(toHex(toCbor({ a: 1, b: [2, 3] }))).toBe("a26161016162820203");
    expect(toHex(toCbor([0, 23, 24, 255, 256, 1_000_000, -1, -1000]))).toBe("880017181818ff1901001a000f4240203903e7");
    expect(toHex(toCbor({ aa: 1, z: 2, "": 3 }))).toBe("a36003617a0262616101");
  });

  it("leaves out what is undefined", () => {
    expect(toHex(toCbor({ a: 1, b: undefined }))).toBe(toHex(toCbor({ a: 1 })));
  });

  it("writes a Node.js Buffer as the bytes it is", () => {
    expect(toHex(toCbor({ key: Buffer.from("00ff", "hex") }))).toBe(toHex(toCbor({ key: hex("00ff") })));
  });

  it("gives copies of the bytes, so that a key does not keep its whole frame in memory", () => {
    const frame = Buffer.from(toCbor({ key: filled(5) }));
    const { key } = fromCbor(frame) as { key: Uint8Array };
    frame.fill(0);
    expect(key).toEqual(filled(5));
    expect(key.buffer.byteLength).toBe(32);
  });

  it("keeps a key named __proto__ apart from the prototype", () => {
    const decoded = fromCbor(hex("a1695f5f70726f746f5f5fa1616101")) as Record<string, unknown>;
    expect(Object.keys(decoded)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });
});

describe("CBOR of hostile origin", () => {
  const refused = {
    "nothing at all": "",
    "an indefinite array": "9f01ff",
    "an indefinite map": "bf616101ff",
    "an indefinite byte string": "5f4101ff",
    "an indefinite text": "7f6161ff",
    "a break where an item should be": "81ff",
    "a map key that comes twice": "a2616101616102",
    "a map key that is no text": "a10102",
    "an integer longer than it need be": "1817",
    "a length longer than it need be": "98020101",
    "an integer above 2^53-1": "1b0020000000000000",
    "an integer below -(2^53-1)": "3b0020000000000000",
    "a tag": "c11a514b67b0",
    "a tagged big number": "c249010000000000000000",
    undefined: "f7",
    "not a number": "f97e00",
    infinity: "f97c00",
    "an unassigned simple value": "e0",
    "a reserved length": "1c",
    "a second value behind the first": "0000",
    "an array cut short": "8201",
    "a map cut short": "a1616100".slice(0, 6),
    "bytes cut short": "420a",
  } as const;

  for (const [what, bytes] of Object.entries(refused)) {
    it(`is refused when it holds ${what}`, () => {
      expect(() => fromCbor(hex(bytes))).toThrow(Error);
      expect(parseCbor(hex(bytes))).toBeUndefined();
    });
  }

  it("is refused when it declares a huge length, without reserving room for it", () => {
    const before = process.memoryUsage();
    for (const head of ["5b", "7b", "9b", "bb"]) {
      for (const length of ["001fffffffffffff", "00000000ffffffff", "0000000100000000", "ffffffffffffffff"]) {
        expect(parseCbor(hex(head + length + "00"))).toBeUndefined();
      }
    }
    const after = process.memoryUsage();
    expect(after.rss + after.arrayBuffers - before.rss - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024);
  });

  it("is taken up to the bound of depth and refused beyond it", () => {
    expect(parseCbor(nested(cborLimits.depth))).toBeDefined();
    expect(() => fromCbor(nested(cborLimits.depth + 1))).toThrow("CBOR deeper than 16");
    expect(() => fromCbor(nested(100_000))).toThrow("CBOR deeper than 16");
    const maps = concatBytes(...Array.from({ length: 17 }, () => hex("a16161")), Uint8Array.of(0));
    expect(() => fromCbor(maps)).toThrow("CBOR deeper than 16");
  });

  it("may hold any number of arrays beside one another, since the bound is of depth", () => {
    expect(fromCbor(toCbor(Array.from({ length: 100 }, () => [[]])))).toHaveLength(100);
  });

  it("is refused above the bound of items, before most of it was read", () => {
    expect(parseCbor(arrayOf(cborLimits.items - 1))).toHaveLength(cborLimits.items - 1);
    expect(() => fromCbor(arrayOf(cborLimits.items))).toThrow("more than 131072 CBOR items");
    expect(() => fromCbor(arrayOf(4_000_000))).toThrow("more than 131072 CBOR items");
  });

  it("of any bytes is read or refused, and what is read can be written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = parseCbor(bytes) ?? "refused";
        expect(parseCbor(toCbor(read))).toEqual(read);
      }),
      { numRuns: 2_000 },
    );
  });
});
