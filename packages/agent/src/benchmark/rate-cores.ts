import { cpuRating, ratingRules, stepsFor } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CoreBench } from "./core-bench.js";
import { perSecond } from "./quick-speeds.js";
import { memoryOf, rateInRounds, type Rating, type RatingProgress, roundMs, trafficMeasures } from "./rate-rounds.js";

/** What the cores that are lent are worth by this machine's own measure. */
export interface CoreRating extends Rating {
  readonly cores: number;
}

/** Measures in rounds until the spread is small or `seconds` are over. */
export async function rateCores(
  bench: Pick<CoreBench, "cores" | "product" | "traffic">,
  seconds: number,
  onProgress: (progress: RatingProgress) => void = () => undefined,
): Promise<CoreRating> {
  const begin = performance.now();
  const size = ratingRules.challengeSize;
  const product = (steps: number) =>
    bench.product({ seed: primitives.randomBytes(32), size, blocks: bench.cores, steps });
  await product(4); // compiles the kernels
  const steps = stepsFor(size, bench.cores, perSecond(await product(4)), roundMs.product);
  const rating = await rateInRounds(
    [["fp32", () => product(steps)], ...(await trafficMeasures(bench))],
    (sustained) => cpuRating({ fp32FlopsPerSecond: sustained.fp32 ?? 0, memoryBytesPerSecond: memoryOf(sustained) }),
    { seconds, begin, onProgress },
  );
  return { cores: bench.cores, ...rating };
}
