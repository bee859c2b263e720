import { describe, expect, it } from "vitest";
import { saltedHash, saltedHashOfText } from "../../../src/federated/preprocessing/salted-hash.js";

const upTo = (length: number) => Uint8Array.from({ length }, (_, byte) => byte);

/** As 16 hexadecimal digits, the high half first. */
const shown = ([low, high]: readonly [number, number]) =>
  [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");

describe("the salted hash", () => {
  // Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A, and rows of their test program's table.
  it.each([
    [15, "a129ca6149be45e5"],
    [0, "726fdb47dd0e0e31"],
    [1, "74f839c593dc67fd"],
    [7, "ab0200f58b01d137"],
    [8, "93f5f5799a932462"],
  ])("is SipHash-2-4: %i bytes give %s", (length, expected) => {
    expect(shown(saltedHash(upTo(length), upTo(16)))).toBe(expected);
  });

  it("tells apart texts that differ only in the high byte of a character", () => {
    expect(saltedHashOfText("\u0141", upTo(16))).not.toEqual(saltedHashOfText("\u0041", upTo(16)));
  });

  it("depends on the salt, and refuses one of another length", () => {
    expect(saltedHashOfText("car", upTo(16))).not.toEqual(saltedHashOfText("car", upTo(16).fill(1)));
    expect(() => saltedHash(upTo(1), upTo(15))).toThrow("a salt has 16 bytes: received 15");
  });
});
