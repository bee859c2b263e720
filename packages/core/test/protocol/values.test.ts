import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/shared/bytes.js";
import { decodeValue, encodeValue, type JsonValue } from "../../src/protocol/values.js";
import { hex } from "../fixtures.js";

const { text } = primitives;

describe("a task's value", () => {
  it("of bytes comes back as the bytes, behind tag 0", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const encoded = encodeValue(bytes, text);
        expect(encoded[0]).toBe(0);
        expect(decodeValue(encoded, text)).toEqual(bytes);
      }),
    );
  });

  it("of JSON comes back as the JSON, behind tag 1", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const encoded = encodeValue(value as JsonValue, text);
        expect(encoded[0]).toBe(1);
        expect(decodeValue(encoded, text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is written as the sandbox's realm reads it", () => {
    expect(toHex(encodeValue({ é: 1 }, text))).toBe("01" + Buffer.from('{"é":1}', "utf8").toString("hex"));
    expect(toHex(encodeValue(hex("ff00"), text))).toBe("00ff00");
  });

  it("is refused where the tag is unknown or missing, or the JSON or its text is none", () => {
    expect(() => decodeValue(new Uint8Array(0), text)).toThrow("not nothing");
    expect(() => decodeValue(hex("0231"), text)).toThrow("not 2");
    expect(() => decodeValue(hex("01"), text)).toThrow(SyntaxError);
    expect(() => decodeValue(hex("017b"), text)).toThrow(SyntaxError);
    expect(() => decodeValue(hex("0122ff22"), text)).toThrow(TypeError);
  });
});
