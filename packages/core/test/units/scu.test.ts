import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuRating, type DeviceSpeeds, formatScu, ratingOf, standardDevice, workOf } from "../../src/units/scu.js";

const device = (teraflops: number, gigabytesPerSecond: number): number =>
  cpuRating({ fp32FlopsPerSecond: teraflops * 1e12, memoryBytesPerSecond: gigabytesPerSecond * 1e9 });

const gpu = (fp32: number, fp16: number | undefined, gigabytesPerSecond: number): number =>
  ratingOf("cuda", {
    fp32FlopsPerSecond: fp32 * 1e12,
    fp16FlopsPerSecond: fp16 === undefined ? undefined : fp16 * 1e12,
    memoryBytesPerSecond: gigabytesPerSecond * 1e9,
  });

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

describe("a rating of three components", () => {
  it("of the standard device is one SCU in every class", () => {
    expect(ratingOf("cuda", standardDevice)).toBe(1_000_000);
    expect(ratingOf("webgpu", standardDevice)).toBe(1_000_000);
    expect(ratingOf("cpu", standardDevice)).toBe(1_000_000);
  });

  it("is the geometric mean of the three ratios, worked out by hand", () => {
    expect(gpu(16, 64, 100)).toBe(2_000_000); // cbrt(2 * 4 * 1)
    expect(gpu(24, 48, 300)).toBe(3_000_000); // cbrt(3 * 3 * 3)
    expect(gpu(8, 32, 300)).toBe(1_817_121); // cbrt(1 * 2 * 3) = 1.8171206
  });

  it("counts FP16 at the FP32 rate where a device has none", () => {
    expect(gpu(32, undefined, 400)).toBe(gpu(32, 32, 400)); // cbrt(4 * 2 * 4)
    expect(gpu(32, undefined, 400)).toBe(3_174_802);
  });

  it("leaves FP16 out of the class cpu", () => {
    const speeds = { fp32FlopsPerSecond: 32e12, memoryBytesPerSecond: 900e9 };
    expect(ratingOf("cpu", { ...speeds, fp16FlopsPerSecond: 512e12 })).toBe(cpuRating(speeds));
  });

  it("counts all three in the class webgpu as in cuda", () => {
    const speeds = { fp32FlopsPerSecond: 16e12, fp16FlopsPerSecond: 64e12, memoryBytesPerSecond: 100e9 };
    expect(ratingOf("webgpu", speeds)).toBe(2_000_000);
    expect(ratingOf("cuda", speeds)).toBe(2_000_000);
  });

  it("grows by the factor by which all components grow", () => {
    const speed = fc.integer({ min: 10, max: 1_000_000 });
    const speeds = fc.tuple(speed, fc.option(speed, { nil: undefined }), speed);
    const classes = fc.constantFrom("cpu", "webgpu", "cuda");
    fc.assert(
      fc.property(classes, speeds, fc.integer({ min: 2, max: 50 }), (ratingClass, [fp32, fp16, memory], factor) => {
        const times = (by: number): DeviceSpeeds => ({
          fp32FlopsPerSecond: fp32 * by * 1e9,
          fp16FlopsPerSecond: fp16 === undefined ? undefined : fp16 * by * 1e9,
          memoryBytesPerSecond: memory * by * 1e9,
        });
        const [once, scaled] = [ratingOf(ratingClass, times(1)), ratingOf(ratingClass, times(factor))];
        expect(Math.abs(scaled - factor * once)).toBeLessThanOrEqual(factor); // half a µSCU of rounding, scaled
      }),
    );
  });

  it("grows with each component alone", () => {
    const speed = fc.integer({ min: 10, max: 1_000_000 });
    fc.assert(
      fc.property(speed, speed, speed, (fp32, fp16, memory) => {
        const rating = gpu(fp32, fp16, memory);
        expect(gpu(fp32 * 2, fp16, memory)).toBeGreaterThan(rating);
        expect(gpu(fp32, fp16 * 2, memory)).toBeGreaterThan(rating);
        expect(gpu(fp32, fp16, memory * 2)).toBeGreaterThan(rating);
      }),
    );
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
