import {
  challengeFlops,
  type Precision,
  type SpeedChallenge,
  type TileShape,
  tileName,
  tileShapes,
} from "@aegis-pool/core";
import { expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import type { GpuBench } from "../../src/benchmark/gpu-bench.js";
import { type GpuTuning, searchTuning } from "../../src/benchmark/gpu-tuning.js";

interface Card {
  /** Operations per second on matrices that are large enough. */
  flops(tile: TileShape, precision: Precision): number;
  /** Of matrices that keep it busy. */
  readonly busySize: number;
  /** Between asking and being told, in ms. */
  readonly latencyMs: number;
  readonly largestSize: number;
}

/** A bench on a card that does not exist; it takes no time. */
function benchOn(card: Card): Parameters<typeof searchTuning>[0] & { tuning: GpuTuning | undefined } {
  return {
    tuning: undefined,
    size: 256,
    largestSize: card.largestSize,
    precisions: ["fp32", "fp16"],
    tilesFor: (_precision, shapes) => [...(shapes ?? tileShapes)],
    useTuning(tuning: GpuTuning) {
      this.tuning = tuning;
    },
    product(challenge: SpeedChallenge, precision: Precision = "fp32") {
      const amount = challengeFlops(challenge);
      const speed = card.flops(present(this.tuning).tiles[precision], precision);
      const used = Math.min(1, (challenge.size / card.busySize) ** 2);
      const ms = card.latencyMs + (amount / (speed * used)) * 1_000;
      return Promise.resolve({ amount, ms } as Awaited<ReturnType<GpuBench["product"]>>);
    },
  };
}

const fastest: Record<Precision, string> = { fp32: "64x128x16 by 8x8", fp16: "128x128x16 by 8x8" };
const card: Card = {
  flops: (tile, precision) => (tileName(tile) === fastest[precision] ? 20e12 : 10e12),
  busySize: 2_048,
  latencyMs: 40,
  largestSize: 8_192,
};

it("the fastest shape is found for each precision, on matrices that keep a large card busy", async () => {
  const bench = benchOn(card);
  const { size, tiles } = await searchTuning(bench);
  expect({ fp32: tileName(tiles.fp32), fp16: tileName(tiles.fp16) }).toEqual(fastest);
  expect(size).toBeGreaterThanOrEqual(2_048);
  expect(bench.tuning).toEqual({ size, tiles });
});

it("matrices stay within the room there is, and small on a slow card", async () => {
  expect((await searchTuning(benchOn({ ...card, largestSize: 1_024 }))).size).toBe(1_024);
  const slow = { ...card, flops: () => 1e9, busySize: 256 };
  expect((await searchTuning(benchOn(slow))).size).toBe(256);
});
