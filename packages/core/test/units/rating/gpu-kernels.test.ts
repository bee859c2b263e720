import { describe, expect, it } from "vitest";
import { isSoftwareAdapter } from "../../../src/units/rating/gpu/adapter.js";
import { productKernel } from "../../../src/units/rating/gpu/product-kernel.js";
import { fits, invocationsOf, tileName, tileShapes, workgroupBytes } from "../../../src/units/rating/gpu/tile.js";

/** What `fold` in the kernels does, on 32-bit integers. */
const fold = (x: number): number => (x >> 9) * 3 + (x & 511);
/** Least and most of `fold` over all whole numbers from `least` to `most`: it grows within each 512 of them. */
function foldRange([least, most]: readonly [number, number]): [number, number] {
  const values: number[] = [];
  for (let from = Math.floor(least / 512) * 512; from <= most; from += 512) {
    values.push(fold(Math.max(least, from)), fold(Math.min(most, from + 511)));
  }
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

describe("the arithmetic of the GPU kernels", () => {
  it("folds to congruent numbers, below 0 too", () => {
    const sums = Array.from({ length: 33_655 }, (_, at) => at * 997 - 2 ** 24);
    expect(sums.filter((x) => (fold(x) - x) % 509 !== 0)).toEqual([]);
  });

  it("leaves a folded sum so small that 256 more products are exact in FP32", () => {
    const folded = foldRange([-(2 ** 24), 2 ** 24]);
    expect(folded).toEqual([-98_304, 98_812]);
    expect(Math.max(...folded.map(Math.abs)) + 254 * 254 * 256).toBeLessThan(2 ** 24);
  });

  it("comes to 0 .. 511 in four folds, from which one subtraction makes a residue", () => {
    let range: readonly [number, number] = [-(2 ** 24), 2 ** 24];
    for (let folds = 0; folds < 4; folds++) range = foldRange(range);
    expect(range).toEqual([0, 511]);
  });
});

describe("the tile shapes", () => {
  it("divide matrices and strips without remainder, and have names of their own", () => {
    for (const shape of tileShapes) {
      for (const part of [shape.rows, shape.columns, shape.depth]) expect(256 % part).toBe(0);
      expect([shape.depth % 4, shape.threadColumns % 4]).toEqual([0, 0]);
      expect(invocationsOf(shape).every(Number.isInteger)).toBe(true);
    }
    expect(new Set(tileShapes.map(tileName)).size).toBe(tileShapes.length);
  });

  it("begin with one that every WebGPU device can run, in both precisions", () => {
    const [first] = tileShapes;
    const least = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 256 };
    expect(first && fits(first, "fp32", least) && fits(first, "fp16", least)).toBe(true);
    expect(tileShapes.filter((shape) => fits(shape, "fp32", least)).length).toBeGreaterThan(3);
  });

  it("count their workgroup memory as the kernel declares it", () => {
    for (const shape of tileShapes) {
      const vectors = [...productKernel(shape, "fp32").source.matchAll(/var<workgroup> \w+: array<Stored, (\d+)>/g)];
      const declared = vectors.reduce((sum, [, count]) => sum + Number(count), 0);
      expect(workgroupBytes(shape, "fp32")).toBe(declared * 16);
      expect(workgroupBytes(shape, "fp16")).toBe(declared * 8);
    }
  });

  it("turn FP16 on only where it is used", () => {
    const [shape] = tileShapes;
    expect(shape && productKernel(shape, "fp16").source).toMatch(/^enable f16;/);
    expect(shape && productKernel(shape, "fp32").source).not.toContain("f16");
  });
});

describe("a software adapter", () => {
  const card = { vendor: "nvidia", architecture: "ada", device: "", description: "RTX 4090", isFallback: false };
  it.each([
    ["llvmpipe (LLVM 15.0.6, 256 bits)"],
    ["SwiftShader Device (Subzero)"],
    ["Microsoft Basic Render Driver"],
    ["Mesa lavapipe"],
    ["Direct3D WARP"],
  ])("is known by its name: %s", (description) => {
    expect(isSoftwareAdapter({ ...card, description })).toBe(true);
    expect(isSoftwareAdapter({ ...card, device: description })).toBe(true);
  });

  it("is known by what it says of itself, and a graphics card is none", () => {
    expect(isSoftwareAdapter({ ...card, isFallback: true })).toBe(true);
    expect(isSoftwareAdapter(card)).toBe(false);
    expect(isSoftwareAdapter({ ...card, description: "Radeon RX 7900 XTX (RADV NAVI31)" })).toBe(false);
  });
});
