import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, parseBytes, parseShare, wholeShare } from "../../src/units/share.js";

describe("a share", () => {
  it("names processor and memory, in any order, each by itself or both", () => {
    expect(parseShare("cpu=50%,memory=4GiB")).toEqual({ cpuPercent: 50, memoryBytes: 2 ** 32 });
    expect(parseShare(" memory=512MiB , cpu=7% ")).toEqual({ cpuPercent: 7, memoryBytes: 2 ** 29 });
    expect(parseShare("cpu=25%")).toEqual({ cpuPercent: 25, memoryBytes: undefined });
    expect(parseShare("memory=3GB")).toEqual({ cpuPercent: 100, memoryBytes: 3e9 });
    expect(parseShare("cpu=100%")).toEqual(wholeShare);
  });

  it("names a graphics card by its number, the part of its time and its memory, beside the processor or by itself", () => {
    expect(parseShare("cpu=50%,gpu=0:25%:8GiB")).toMatchObject({
      cpuPercent: 50,
      gpu: { percent: 25, memoryBytes: 2 ** 33 },
    });
    expect(parseShare("gpu=0:100%")).toMatchObject({ cpuPercent: 0, gpu: { percent: 100, memoryBytes: undefined } });
    expect(parseShare("memory=1GiB,gpu=50%")).toMatchObject({ cpuPercent: 0, memoryBytes: 2 ** 30 });
  });

  const complaints: Record<string, string> = {
    "cpu=0%": "from 1% to 100%",
    "cpu=101%": "from 1% to 100%",
    "cpu=50": "from 1% to 100%",
    "cpu=5.5%": "from 1% to 100%",
    "cpu=-5%": "from 1% to 100%",
    "cpu=": "from 1% to 100%",
    "memory=4": "512MiB or 4GiB",
    "memory=4gib": "512MiB or 4GiB",
    "memory=4KB": "512MiB or 4GiB",
    "memory=0B": "512MiB or 4GiB",
    "memory=-4GiB": "512MiB or 4GiB",
    "gpu=0": "of its time from 1% to 100%",
    "gpu=0:0%": "of its time from 1% to 100%",
    "gpu=0:50%:": "of its time from 1% to 100%",
    "gpu=0:50%:8": "of its time from 1% to 100%",
    "gpu=0:50%:0B": "of its time from 1% to 100%",
    "gpu=1:50%": "one graphics card, number 0",
    "tpu=50%": "names cpu, memory or gpu",
    "": "names cpu, memory or gpu",
    "cpu=50%,": "names cpu, memory or gpu",
    "CPU=50%": "names cpu, memory or gpu",
    "cpu=50%,cpu=60%": "each part once",
    "memory=1GiB,cpu=1%,memory=1GiB": "each part once",
    "cpu=50%=60%": "each part once",
  };
  for (const [text, complaint] of Object.entries(complaints)) {
    it(`of "${text}" is refused in a sentence that names what was expected`, () => {
      expect(parseShare(text)).toContain(complaint);
    });
  }

  it("is a share or a sentence, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const share = parseShare(text);
        expect(typeof share === "string" ? share.length : share.cpuPercent + (share.gpu?.percent ?? 0)).toBeGreaterThan(
          0,
        );
      }),
    );
  });
});

describe("a size", () => {
  it("is read in binary and decimal units", () => {
    expect(parseBytes("65536B")).toBe(65_536);
    expect(parseBytes("1.5 KiB")).toBe(1_536);
    expect(parseBytes("2MiB")).toBe(2_097_152);
    expect(parseBytes("0.125GiB")).toBe(134_217_728);
    expect(parseBytes("2TiB")).toBe(2 ** 41);
    expect(parseBytes("500kB")).toBe(500_000);
    expect(parseBytes("500MB")).toBe(500_000_000);
    expect(parseBytes("5GB")).toBe(5e9);
    expect(parseBytes("5TB")).toBe(5e12);
  });

  it("is not read from other text", () => {
    for (const text of ["", "4", "GiB", "4 gb", "4iB", "1e3B", "-1B", "1.2345GiB", "1234567B", "4GiB ~"]) {
      expect(parseBytes(text)).toBeUndefined();
    }
  });

  it("is written with one decimal in the largest unit that it fills", () => {
    expect(formatBytes(0)).toBe("0 B");
    expect(formatBytes(1_023)).toBe("1023 B");
    expect(formatBytes(1_536)).toBe("1.5 KiB");
    expect(formatBytes(5 * 1024 ** 2)).toBe("5.0 MiB");
    expect(formatBytes(2 ** 32)).toBe("4.0 GiB");
    expect(formatBytes(2 ** 41)).toBe("2048.0 GiB");
  });

  it("that was written reads back within a twentieth of its unit", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 31 - 1 }).map((small) => small * 1_024),
        (bytes) => {
          const read = parseBytes(formatBytes(bytes)) ?? -1;
          expect(Math.abs(read - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.05));
        },
      ),
    );
  });
});
