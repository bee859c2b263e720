import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64Url, toBase64Url } from "../src/index.js";

describe("base64 for URLs", () => {
  it("has the published forms (RFC 4648, section 10, without padding), and its own two digits", () => {
    for (const [plain, text] of [
      ["", ""],
      ["f", "Zg"],
      ["fo", "Zm8"],
      ["foo", "Zm9v"],
      ["foob", "Zm9vYg"],
      ["fooba", "Zm9vYmE"],
      ["foobar", "Zm9vYmFy"],
      ["\u00fb\u00ff", "-_8"],
    ] as const) {
      const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0));
      expect(toBase64Url(bytes)).toBe(text);
      expect(fromBase64Url(text)).toEqual(bytes);
    }
  });

  it("is what Node.js makes of any bytes, and is read back, however many they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000, size: "large" }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
  });

  it("has one text for the same bytes: padding, other digits, half a byte and bits that are left over are refused", () => {
    for (const wrong of [
      "Zg==",
      "Zg=",
      "Z",
      "Zm9vY",
      "A",
      "Zm9vA",
      "Zh",
      "Zm9",
      "Zm8+",
      "Zm8/",
      "Zm 8",
      "Zm8\n",
      "\u00e9m9v",
      "Zm9\u0100",
    ]) {
      expect(fromBase64Url(wrong)).toBeUndefined();
    }
  });
});
