import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuRating, formatScu, workOf } from "../../src/units/scu.js";

const device = (teraflops: number, gigabytesPerSecond: number): number =>
  cpuRating({ fp32FlopsPerSecond: teraflops * 1e12, memoryBytesPerSecond: gigabytesPerSecond * 1e9 });

describe("a rating", () => {
  it("of the standard device is one SCU", () => {
    expect(device(8, 100)).toBe(1_000_000);
  });

  it("is the geometric mean of the two ratios, worked out by hand", () => {
    expect(device(32, 100)).toBe(2_000_000); // sqrt(4 * 1)
    expect(device(8, 900)).toBe(3_000_000); // sqrt(1 * 9)
    expect(device(2, 400)).toBe(1_000_000); // sqrt(1/4 * 4)
    expect(device(0.164, 20)).toBe(64_031); // sqrt(0.0205 * 0.2) = 0.0640312
    expect(device(16, 300)).toBe(2_449_490); // sqrt(2 * 3) = 2.4494897, where the mean would be 2.5
  });

  it("grows with either speed and doubles when both do", () => {
    const speed = fc.integer({ min: 10, max: 1_000_000 });
    fc.assert(
      fc.property(speed, speed, (gigaflops, gigabytes) => {
        const rating = device(gigaflops / 1_000, gigabytes);
        expect(device((gigaflops * 2) / 1_000, gigabytes)).toBeGreaterThan(rating);
        expect(device(gigaflops / 1_000, gigabytes * 2)).toBeGreaterThan(rating);
        expect(Math.abs(device((gigaflops * 2) / 1_000, gigabytes * 2) - 2 * rating)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it("is never zero, since every machine does some work", () => {
    expect(device(1e-12, 1e-9)).toBe(1);
  });
});

describe("work", () => {
  it("is speed times time, in whole µSCU-seconds, rounded up", () => {
    expect(workOf(1_000_000, 1_000)).toBe(1_000_000);
    expect(workOf(35_000, 2_500)).toBe(87_500);
    expect(workOf(3, 1)).toBe(1);
    expect(workOf(3, 667)).toBe(3);
    expect(workOf(35_000, 0)).toBe(0);
  });
});

describe("an SCU figure", () => {
  it("is written with three significant digits", () => {
    expect(formatScu(35_000)).toBe("0.035 SCU");
    expect(formatScu(10_234_567)).toBe("10.2 SCU");
    expect(formatScu(1_583_400_000)).toBe("1580 SCU");
    expect(formatScu(1)).toBe("0.000001 SCU");
  });
});
