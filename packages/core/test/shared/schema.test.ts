import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { Amount, Bytes, Exactly, Text, Whole } from "../../src/shared/schema.js";
import { filled } from "../fixtures.js";

const accepts = (schema: TSchema, value: unknown): boolean => Compile(schema).Check(value);

describe("a schema", () => {
  it("of bytes takes byte strings of the stated lengths and nothing that resembles them", () => {
    for (const length of [2, 3, 4]) expect(accepts(Bytes(2, 4), filled(1, length))).toBe(true);
    for (const value of [filled(1, 1), filled(1, 5), "abc", [1, 2, 3], new Uint16Array(3), null, { length: 3 }]) {
      expect(accepts(Bytes(2, 4), value)).toBe(false);
    }
    expect(accepts(Bytes(32), Buffer.alloc(32))).toBe(true);
    expect(accepts(Bytes(32), filled(1, 33))).toBe(false);
  });

  it("of a whole number takes no fraction, nothing outside its bounds and no big integer", () => {
    for (const value of [3, 4, 5]) expect(accepts(Whole(3, 5), value)).toBe(true);
    for (const value of [2, 6, 3.5, Number.NaN, 4n, "4", null]) expect(accepts(Whole(3, 5), value)).toBe(false);
    expect(accepts(Whole(), Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(accepts(Whole(), 2 ** 53)).toBe(false);
  });

  it("of an amount takes plain decimal digits up to 18 of them", () => {
    for (const text of ["0", "7", "10", "999999999999999999"]) expect(accepts(Amount, text)).toBe(true);
    for (const text of ["", "00", "01", "-1", "+1", "1.0", "1e3", "1 ", "1\n", "١", "1000000000000000000", 1, 1n]) {
      expect(accepts(Amount, text)).toBe(false);
    }
  });

  it("of text bounds its length, whatever its characters look like", () => {
    expect(accepts(Text(4), "abcd")).toBe(true);
    for (const text of ["abcde", `a${"\u0301".repeat(1_000)}`, "👩‍👩‍👧‍👦", 4, null])
      expect(accepts(Text(4), text)).toBe(false);
  });

  it("of an exact object takes no other property, not even one of the prototype's names", () => {
    const schema = Exactly({ a: Whole() });
    expect(accepts(schema, { a: 1 })).toBe(true);
    for (const value of [{}, { a: 1, b: 2 }, { a: 1, toString: 1 }, { a: 1, ["__proto__"]: 1 }, [1], null, "a"]) {
      expect(accepts(schema, value)).toBe(false);
    }
  });
});
