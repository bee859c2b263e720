import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ascii, bigEndian, concatBytes, equalBytes, fromHex, toHex } from "../../src/shared/bytes.js";

const bytes = fc.uint8Array({ maxLength: 40 });

describe("byte strings", () => {
  it("are joined in order", () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
  });

  it("are equal exactly where every byte is", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(a.length === b.length && Buffer.compare(a, b) === 0);
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
      }),
    );
  });

  it("travel as hexadecimal text and back, as Node.js writes it", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString("hex"));
        expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
      }),
    );
  });

  it("are not read from text that is no hexadecimal", () => {
    for (const text of ["0", "0x", "zz", "00 ", "0g", "００", "-1", "1e+1"]) expect(fromHex(text)).toBeUndefined();
  });

  it("hold whole numbers most significant byte first, up to 2^53-1", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const expected = Buffer.alloc(8);
        expected.writeBigUInt64BE(BigInt(value));
        expect(toHex(bigEndian(value, 8))).toBe(expected.toString("hex"));
      }),
    );
  });

  it("hold ASCII text one byte a character", () => {
    expect(toHex(ascii("AGS1/~"))).toBe("414753312f7e");
  });
});
