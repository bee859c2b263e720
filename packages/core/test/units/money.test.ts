import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAis, nanoAisPerAis, parseAis } from "../../src/units/money.js";

describe("an amount of money", () => {
  it("is written in the unit in which it reads best", () => {
    expect(formatAis(0n)).toBe("0 nAIS");
    expect(formatAis(99_999n)).toBe("99999 nAIS");
    expect(formatAis(100_000n)).toBe("100 µAIS");
    expect(formatAis(99_999_499n)).toBe("99999 µAIS");
    expect(formatAis(99_999_500n)).toBe("0.1 AIS");
    expect(formatAis(1_500_000_000n)).toBe("1.5 AIS");
    expect(formatAis(20n * nanoAisPerAis)).toBe("20 AIS");
    expect(formatAis(100_000_000n * nanoAisPerAis)).toBe("100000000 AIS");
  });

  it("is read in every unit in which it is written", () => {
    expect(parseAis("1.5")).toBe(1_500_000_000n);
    expect(parseAis(" 1.5 AIS ")).toBe(1_500_000_000n);
    expect(parseAis("0.000000001AIS")).toBe(1n);
    expect(parseAis("150 µAIS")).toBe(150_000n);
    expect(parseAis("0.125 µAIS")).toBe(125n);
    expect(parseAis("2000 nAIS")).toBe(2_000n);
    expect(parseAis("999999999.999999999")).toBe(999_999_999_999_999_999n);
  });

  it("is not read from text that is no amount, or finer than a nAIS", () => {
    const texts = ["", "AIS", ".5", "5.", "-1", "+1", "1e3", "1,5", "1 2", "0x1", "1.0000000001", "١"];
    const finer = ["0.5 nAIS", "1.0 nAIS", "0.0001 µAIS", "1 ais", "1 mAIS", "1234567890", "1\n2"];
    for (const text of [...texts, ...finer]) expect(parseAis(text)).toBeUndefined();
  });

  it("comes back from its text to the nAIS below 0.0001 AIS, and within half a µAIS above", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (amount) => {
        const read = parseAis(formatAis(amount)) ?? -1n;
        const off = read > amount ? read - amount : amount - read;
        expect(off).toBeLessThanOrEqual(amount < 100_000n ? 0n : 500n);
      }),
    );
  });

  it("of a whole number of nAIS comes back exactly from AIS with nine decimals", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (amount) => {
        const decimals = (amount % nanoAisPerAis).toString().padStart(9, "0");
        expect(parseAis(`${amount / nanoAisPerAis}.${decimals} AIS`)).toBe(amount);
      }),
    );
  });
});
