import { type DeviceSpeeds, type RatingClass, ratingOf, stepsFor } from "@aegis-pool/core";
import { challengeOf, steadySpeed } from "./gpu-tuning.js";
import type { CardBench } from "./measured.js";
import { memorySpeed } from "./quick-speeds.js";
import {
  type Measure,
  memoryOf,
  rateInRounds,
  type Rating,
  type RatingProgress,
  roundMs,
  type Sustained,
  trafficMeasures,
} from "./rate-rounds.js";

/** Speeds of a graphics card, measured in about a second: enough to claim a speed by. FP16 only where it has it. */
export type GpuSpeeds = DeviceSpeeds;

/** Classes that rate a graphics card. */
export type CardClass = Exclude<RatingClass, "cpu">;

/** What a card does, in about a second: what counts is what a challenge then proves. */
export async function quickGpuSpeeds(bench: CardBench): Promise<GpuSpeeds> {
  const speeds: Sustained = Object.fromEntries(
    await inTurns(bench.precisions, async (name) => [name, await steadySpeed(bench, bench.size, name)] as const),
  );
  return speedsOf(speeds, await memorySpeed(bench, 1));
}

/** Measures in rounds until the spread is small or `seconds` are over. */
export async function rateGpu(
  ratingClass: CardClass,
  bench: CardBench,
  seconds: number,
  onProgress: (progress: RatingProgress) => void = () => undefined,
): Promise<Rating> {
  const begin = performance.now();
  const products = await inTurns(bench.precisions, async (name): Promise<Measure> => {
    const steps = stepsFor(bench.size, 1, await steadySpeed(bench, bench.size, name), roundMs.product);
    return [name, () => bench.product(challengeOf(bench.size, steps), name)];
  });
  const measures = [...products, ...(await trafficMeasures(bench))];
  return rateInRounds(measures, (sustained) => scuOf(ratingClass, sustained), { seconds, begin, onProgress });
}

function scuOf(ratingClass: CardClass, sustained: Sustained): number {
  return ratingOf(ratingClass, speedsOf(sustained, memoryOf(sustained)));
}

function speedsOf({ fp32 = 0, fp16 }: Sustained, memoryBytesPerSecond: number): GpuSpeeds {
  return {
    fp32FlopsPerSecond: fp32,
    memoryBytesPerSecond,
    ...(fp16 === undefined ? {} : { fp16FlopsPerSecond: fp16 }),
  };
}

async function inTurns<Item, Result>(items: readonly Item[], each: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}
