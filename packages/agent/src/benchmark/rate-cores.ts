import { cpuRating, ratingRules, stepsFor } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CoreBench, TrafficKind } from "./core-bench.js";
import { perSecond } from "./quick-speeds.js";

/** What is measured of cores: operations per second of an FP32 matrix product, or bytes per second of memory traffic. */
export type ComponentName = "fp32" | TrafficKind;

/** One component, all cores that are lent together. */
export interface Component {
  readonly name: ComponentName;
  /** The best of all rounds: what the machine does while it is cool. */
  readonly burst: number;
  /** The median once the machine is warm: this one counts. */
  readonly sustained: number;
  /** Median absolute deviation of the warm rounds, as a part of the sustained figure. */
  readonly spread: number;
}

/** What the cores that are lent are worth by this machine's own measure. */
export interface CoreRating {
  readonly cores: number;
  readonly components: readonly Component[];
  /** µSCU, by the sustained figures. */
  readonly scu: number;
  /** The spread did not become small in time: something else uses the machine. */
  readonly busy: boolean;
}

/** One look at the measurement under way. */
export interface RatingProgress {
  readonly seconds: number;
  readonly ofSeconds: number;
  readonly scu: number;
}

const kinds: readonly TrafficKind[] = ["read", "write", "triad"];
/** Rounds until the machine is warm, and the least that are judged after them. */
const rounds = { warmUp: 3, judged: 5 } as const;
/** Time of the product in each round, and of each walk through memory, in ms. */
const roundMs = { product: 700, traffic: 100 } as const;
/** A spread that is small. */
const smallSpread = 0.03;

/** Measures in rounds until the spread is small or `seconds` are over. */
export async function rateCores(
  bench: Pick<CoreBench, "cores" | "product" | "traffic">,
  seconds: number,
  onProgress: (progress: RatingProgress) => void = () => undefined,
): Promise<CoreRating> {
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1_000;
  const size = ratingRules.challengeSize;
  const product = (steps: number) =>
    bench.product({ seed: primitives.randomBytes(32), size, blocks: bench.cores, steps });
  await product(4); // compiles the kernels
  const steps = stepsFor(size, bench.cores, perSecond(await product(4)), roundMs.product);
  await bench.traffic("write", 1); // pages that were never touched are not there yet
  const walk = await bench.traffic("triad", 1);
  const walks = Math.max(1, Math.round(roundMs.traffic / walk.ms));
  const measured: Record<ComponentName, number[]> = { fp32: [], read: [], write: [], triad: [] };
  let rating: CoreRating;
  do {
    measured.fp32.push(perSecond(await product(steps)));
    for (const kind of kinds) measured[kind].push(perSecond(await bench.traffic(kind, walks)));
    rating = ratingOf(bench.cores, measured);
    onProgress({ seconds: Math.min(elapsed(), seconds), ofSeconds: seconds, scu: rating.scu });
  } while (elapsed() < seconds && (rating.busy || measured.fp32.length < rounds.warmUp + rounds.judged));
  return rating;
}

function ratingOf(cores: number, measured: Record<ComponentName, readonly number[]>): CoreRating {
  const names: readonly ComponentName[] = ["fp32", ...kinds];
  const components = names.map((name) => componentOf(name, measured[name]));
  const [fp32, ...memory] = components.map(({ sustained }) => sustained);
  // as much time for each way of walking: the harmonic mean
  const memoryBytesPerSecond = memory.length / memory.reduce((sum, speed) => sum + 1 / speed, 0);
  const scu = cpuRating({ fp32FlopsPerSecond: fp32 ?? 0, memoryBytesPerSecond });
  return { cores, components, scu, busy: components.some(({ spread }) => !(spread <= smallSpread)) };
}

function componentOf(name: ComponentName, values: readonly number[]): Component {
  const warm = values.slice(values.length > rounds.warmUp ? rounds.warmUp : 0);
  const sustained = median(warm);
  const spread = median(warm.map((value) => Math.abs(value - sustained))) / sustained;
  return { name, burst: Math.max(0, ...values), sustained, spread };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
