import { type Precision, type SpeedChallenge, stepsFor, type TileShape, tileShapes } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { GpuBench } from "./gpu-bench.js";
import type { Measured } from "./measured.js";
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
/** A step of about this time is long enough that a card is not kept waiting for the next, in ms. */
const stepMs = 5;
/** One measurement of the search, in ms: several times the 10 ms after which the end of a submit is noticed. */
const measureMs = 120;

/** Tries shapes and sizes on a card: a few seconds, once for each card and driver. */
export async function searchTuning(bench: Bench, shapes: readonly TileShape[] = tileShapes): Promise<GpuTuning> {
  const [first = tileShapes[0] as TileShape] = bench.tilesFor("fp32", shapes);
  let tiles = { fp32: first, fp16: first };
  bench.useTuning({ size: bench.size, tiles });
  const size = await searchSize(bench);
  for (const precision of bench.precisions) {
    let best = 0;
    for (const shape of bench.tilesFor(precision, shapes)) {
      const tried = { ...tiles, [precision]: shape };
      bench.useTuning({ size, tiles: tried });
      const flops = await steadySpeed(bench, size, precision);
      if (flops > best) [best, tiles] = [flops, tried];
    }
  }
  bench.useTuning({ size, tiles });
  return { size, tiles };
}

/** Larger matrices, as long as their steps are short: small ones leave most of a large card idle. */
async function searchSize(bench: Bench): Promise<number> {
  for (let { size } = bench; ;) {
    const flops = await steadySpeed(bench, size, "fp32");
    const fitting = Math.cbrt((flops * stepMs) / 1_000 / 2);
    const next = Math.min(largestSize, bench.largestSize, 2 ** Math.floor(Math.log2(Math.max(1, fitting))));
    if (next <= size) return size;
    size = next;
  }
}

/** Operations per second, once the kernels are compiled and what is short of `measureMs` is made longer. */
export async function steadySpeed(
  bench: Pick<GpuBench, "product">,
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
