import { type CpuSpeeds, stepsFor } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CoreBench } from "./core-bench.js";
import type { Measured, TrafficBench, TrafficKind } from "./measured.js";

/** Small matrices: three fit in a second-level cache's neighbourhood, and a step takes milliseconds. */
const size = 512;
const kinds: readonly TrafficKind[] = ["read", "write", "triad"];

/**
 * What the cores do together, measured in about a second: enough to claim a speed by, and for the pool to choose a
 * challenge of the right length. What counts is what the challenge then proves.
 */
export async function quickSpeeds(bench: CoreBench): Promise<CpuSpeeds> {
  const product = (steps: number) =>
    bench.product({ seed: primitives.randomBytes(32), size, blocks: bench.cores, steps });
  await product(4); // compiles the kernels
  const first = perSecond(await product(8));
  const flops = perSecond(await product(stepsFor(size, bench.cores, first, 200)));
  return { fp32FlopsPerSecond: flops, memoryBytesPerSecond: await memorySpeed(bench, 1) };
}

/** Bytes per second over equal times of reading, writing and both. */
export async function memorySpeed(bench: TrafficBench, rounds: number): Promise<number> {
  await bench.traffic("write", 1); // pages that were never touched are not there yet
  const measured: Measured[] = [];
  for (const kind of kinds) measured.push(await bench.traffic(kind, rounds));
  return measured.length / measured.reduce((sum, each) => sum + 1 / perSecond(each), 0);
}

/** Operations or bytes per second. */
export function perSecond({ amount, ms }: Measured): number {
  return amount / (ms / 1_000);
}
