import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../src/shared/utf8.js";

const scalars = fc.string({
  unit: fc.oneof(
    fc.constantFrom("%", "%41", "\ufeff", "\0"),
    fc.constant("\u{10ffff}"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

describe("UTF-8", () => {
  it("is what the platform writes and reads", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(scalars, (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text));
        const bytes = encodeUtf8(text);
        expect([...bytes]).toEqual([...new TextEncoder().encode(text)]);
        expect(decodeUtf8(bytes)).toBe(decoder.decode(bytes));
      }),
    );
  });

  it("is refused exactly where the platform refuses it", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const edges = fc.constantFrom(
      0x25,
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc2,
      0xe0,
      0xa0,
      0x9f,
      0xed,
      0xef,
      0xf0,
      0x90,
      0xf4,
      0x8f,
      0xff,
    );
    fc.assert(
      fc.property(fc.array(edges, { maxLength: 6 }), (values) => {
        const bytes = Uint8Array.from(values);
        let expected: string | undefined;
        try {
          expected = decoder.decode(bytes);
        } catch {
          expected = undefined;
        }
        expect(decodeUtf8(bytes)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it("has pieces joined where a character crosses them", () => {
    const text = `${"a".repeat(4_095)}é${"b".repeat(4_095)}😀`;
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  });

  it("has no half of a surrogate pair", () => {
    expect(() => encodeUtf8("a\ud800")).toThrow(RangeError);
  });
});
