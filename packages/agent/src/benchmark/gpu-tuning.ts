import { type Precision, type SpeedChallenge, stepsFor, type TileShape, tileShapes } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { GpuBench } from "./gpu-bench.js";
import type { CardBench, Measured } from "./measured.js";
import { perSecond } from "./quick-speeds.js";

/** What suits one graphics card. */
export interface GpuTuning {
  /** Columns of matrices that keep it busy. */
  readonly size: number;
  readonly tiles: Readonly<Record<Precision, TileShape>>;
}

type Bench = Pick<GpuBench, "product" | "tilesFor" | "useTuning" | "precisions" | "size" | "largestSize">;

/** Beyond this, cards gain nothing, and rows to hash take longer. */
const largestSize = 4_096;
/** A step of less is over before a large card is busy, in ms. */
const shortStepMs = 2;
/** One measurement of the search, in ms: several times the 10 ms after which the end of a submit is noticed. */
const measureMs = 120;

/** Tries shapes and sizes on a card: a few seconds, once for each card and driver. */
export async function searchTuning(bench: Bench, shapes: readonly TileShape[] = tileShapes): Promise<GpuTuning> {
  const [first = tileShapes[0] as TileShape] = bench.tilesFor("fp32", shapes);
  let tiles = { fp32: first, fp16: first };
  bench.useTuning({ size: bench.size, tiles });
  const size = await searchSize(bench);
  for (const precision of bench.precisions) {
    tiles = { ...tiles, [precision]: await fastestTile(bench, { size, tiles }, precision, shapes) };
  }
  bench.useTuning({ size, tiles });
  return { size, tiles };
}

/** The fastest of those that the card can run; among one or none there is nothing to measure. */
async function fastestTile(
  bench: Bench,
  { size, tiles }: GpuTuning,
  precision: Precision,
  shapes: readonly TileShape[],
): Promise<TileShape> {
  const candidates = bench.tilesFor(precision, shapes);
  let [fastest = tiles[precision]] = candidates;
  let best = 0;
  for (const shape of candidates.length > 1 ? candidates : []) {
    bench.useTuning({ size, tiles: { ...tiles, [precision]: shape } });
    const flops = await steadySpeed(bench, size, precision);
    if (flops > best) [best, fastest] = [flops, shape];
  }
  return fastest;
}

/** Larger matrices, as long as their steps are short: small ones leave most of a large card idle. */
async function searchSize(bench: Bench): Promise<number> {
  const most = Math.min(largestSize, bench.largestSize);
  let { size } = bench;
  while (2 * size <= most && stepMsOf(size, await steadySpeed(bench, size, "fp32")) < shortStepMs) size *= 2;
  return size;
}

function stepMsOf(size: number, flopsPerSecond: number): number {
  return ((2 * size ** 3) / flopsPerSecond) * 1_000;
}

/** Operations per second, once the kernels are compiled and what is short of `measureMs` is made longer. */
export async function steadySpeed(
  bench: Pick<CardBench, "product">,
  size: number,
  precision: Precision,
): Promise<number> {
  const product = (steps: number): Promise<Measured> => bench.product(challengeOf(size, steps), precision);
  await product(1);
  let measured = await product(4);
  for (let tries = 0; measured.ms < measureMs && tries < 4; tries++) {
    measured = await product(stepsFor(size, 1, perSecond(measured), 2 * measureMs));
  }
  return perSecond(measured);
}

/** A challenge that nobody else has set: one block of this size. */
export function challengeOf(size: number, steps: number): SpeedChallenge {
  return { seed: primitives.randomBytes(32), size, blocks: 1, steps };
}
