import { describe, expect, it } from "vitest";
import { deviceNamed, figuresOf, knownDevices, ratingOfDevice } from "../../src/units/devices.js";
import { deviceMeasurements } from "../../src/units/devices/measured.js";
import { ratingRules } from "../../src/units/rating/slot-speed.js";

const byDataSheet = new Map();

const scuOf = (name: string): number => {
  const device = deviceNamed(name);
  if (!device) throw new Error(`the table has no "${name}"`);
  return ratingOfDevice(device, byDataSheet) / 1e6;
};

describe("the table of devices, by data sheet", () => {
  it("gives the reference devices the ratings that the unit was defined with", () => {
    expect(scuOf("RTX 4090").toFixed(1)).toBe("10.2");
    expect(scuOf("A100 80GB SXM").toFixed(1)).toBe("19.8");
    expect(scuOf("L4").toFixed(1)).toBe("5.6");
    expect(scuOf("M3 Max").toFixed(1)).toBe("1.9");
  });

  it("makes ten servers of eight A100s more than a thousand units", () => {
    expect(Math.round(10 * 8 * scuOf("A100 80GB SXM"))).toBe(1_583);
  });

  it("has at least forty devices of every kind and vendor, each once", () => {
    expect(knownDevices.length).toBeGreaterThanOrEqual(40);
    expect(new Set(knownDevices.map(({ name }) => name)).size).toBe(knownDevices.length);
    const kinds = ["laptop", "desktop", "workstation", "data centre", "processor"];
    expect(new Set(knownDevices.map(({ kind }) => kind))).toEqual(new Set(kinds));
    for (const vendor of ["NVIDIA ", "AMD ", "Intel ", "Apple "]) {
      expect(knownDevices.some(({ name }) => name.startsWith(vendor))).toBe(true);
    }
  });

  it.each(knownDevices.map((device) => [device.name, device] as const))("has a source for %s", (_, { source }) => {
    expect(source.title).toMatch(/^(NVIDIA|AMD|Intel|Apple|Raspberry Pi)\b.{4,}/);
    expect(source.year).toBeGreaterThanOrEqual(2016);
    expect(source.year).toBeLessThanOrEqual(2026);
    expect(source.url ?? "https://").toMatch(/^https:\/\//);
  });

  // a figure in the wrong column, with sparsity or in the wrong unit breaks one of these
  it.each(knownDevices.map((device) => [device.name, device] as const))("has plausible figures for %s", (_, device) => {
    const { fp32Tflops, fp16Tflops, memoryGBps } = device.figures;
    expect(fp32Tflops).toBeGreaterThan(0.1);
    expect(fp32Tflops).toBeLessThan(1_200);
    const fp16Ratio = (fp16Tflops ?? 2 * fp32Tflops) / fp32Tflops;
    expect(fp16Ratio).toBeGreaterThan(1.95);
    expect(fp16Ratio).toBeLessThan(8.1);
    const flopsPerByte = ((fp16Tflops ?? fp32Tflops) * 1e3) / memoryGBps;
    expect(flopsPerByte).toBeGreaterThan(8);
    expect(flopsPerByte).toBeLessThan(420);
    const isProcessor = device.kind === "processor";
    expect([device.ratingClass, device.memoryGiB === undefined]).toEqual([isProcessor ? "cpu" : "cuda", isProcessor]);
    expect(device.memoryGiB ?? 4).toBeGreaterThanOrEqual(4);
    expect(isProcessor && fp16Tflops !== undefined).toBe(false);
  });

  it("has no more memory traffic for each operation than a claim of it may count for", () => {
    for (const { kind, figures } of knownDevices) {
      const bound = ratingRules.memoryBytesPerFlop[kind === "processor" ? "cpu" : "webgpu"];
      expect(figures.memoryGBps / (figures.fp32Tflops * 1e3)).toBeLessThan(bound);
    }
  });

  it("counts GeForce cards' FP16 as it is when it accumulates in FP32: twice their FP32", () => {
    const cards = knownDevices.filter(({ name }) => /GeForce RTX [345]0/.test(name));
    expect(cards.length).toBeGreaterThan(20);
    for (const { figures } of cards) expect((figures.fp16Tflops ?? 0) / figures.fp32Tflops).toBeCloseTo(2, 1);
  });
});

describe("a measurement", () => {
  it("takes the place of the data sheet's figures", () => {
    const [device, other] = knownDevices;
    if (!device || !other) throw new Error("the table is empty");
    const figures = { fp32Tflops: 16, fp16Tflops: 64, memoryGBps: 100 };
    const measurements = new Map([[device.name, { date: "2027-01-31", page: "docs/measurements/a.md", figures }]]);
    expect(figuresOf(device, measurements)).toBe(figures);
    expect(ratingOfDevice(device, measurements)).toBe(2_000_000); // cbrt(2 * 4 * 1)
    expect(figuresOf(other, measurements)).toBe(other.figures);
  });

  it("is of a device of the table, dated, and told on a page", () => {
    const names = new Set(knownDevices.map(({ name }) => name));
    for (const [name, { date, page }] of deviceMeasurements) {
      expect(names).toContain(name);
      expect(date).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
      expect(page).toMatch(/^docs\/measurements\/[^/]+$/);
    }
  });
});

describe("looking a device up", () => {
  it("finds every device by its own name, and no two by one", () => {
    for (const device of knownDevices) {
      expect(deviceNamed(device.name)).toBe(device);
      expect(deviceNamed(device.name.toUpperCase())).toBe(device);
    }
  });

  it.each([
    ["rtx 4090", "NVIDIA GeForce RTX 4090"],
    ["RTX4090", "NVIDIA GeForce RTX 4090"],
    ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090"],
    ["GeForce RTX 3060 12GB", "NVIDIA GeForce RTX 3060"],
    ["NVIDIA GeForce RTX 4060 Laptop GPU", "NVIDIA GeForce RTX 4060 Laptop"],
    ["NVIDIA A100-SXM4-80GB", "NVIDIA A100 80GB SXM"],
    ["NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM"],
    ["NVIDIA RTX 6000 Ada Generation", "NVIDIA RTX 6000 Ada"],
    ["Tesla T4", "NVIDIA T4"],
    ["rx 7900xtx", "AMD Radeon RX 7900 XTX"],
    ["Intel(R) Arc(TM) A770 Graphics", "Intel Arc A770"],
    ["m3 max", "Apple M3 Max"],
    ["Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz", "Intel Core i7-8700"],
    ["AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"],
  ])("finds %s", (text, name) => {
    expect(deviceNamed(text)?.name).toBe(name);
  });

  it.each(["RTX 4090 D", "RTX 4070 Ti SUPER", "RTX 3060 8GB", "A100", "4090 Ti", "RTX", "NVIDIA", ""])(
    "takes no similar device for %s",
    (text) => {
      expect(deviceNamed(text)).toBeUndefined();
    },
  );
});
