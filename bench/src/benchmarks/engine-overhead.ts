import type { Pool } from "@aegis-pool/sdk";
import type { Benchmark, Figure } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { openBareEngine } from "../engines/bare-engine.js";
import { type ComputeBound, computeBound } from "../engines/programs.js";
import { openMarket } from "../market/market.js";
import { median } from "../statistics.js";

/** Least speed on the pool as a part of the bare engine's. */
const leastRatio = { js: 0.95, wasm: 0.9, onnx: 0.9 } as const;

/** What the sandbox and the way through the pool cost a program that computes. */
export const engineOverhead: Benchmark = {
  name: "engine-overhead",
  summary: "compute-bound js, wasm and onnx programs on the pool against the same engines without a sandbox",
  async run({ long, say }) {
    const market = await openMarket(1, "cpu=100%,memory=4GiB"); // the bare engine is held to nothing either
    const folder = await temporaryFolder();
    try {
      const figures: Figure[] = [];
      const baseline: Record<string, number> = {};
      for (const compute of computeBound()) {
        const { engine } = compute.program;
        say(engine);
        const { pooledMs, bareMs } = await inTurns(market.pool, compute, folder.path, long ? 30 : 5);
        figures.push({ name: `${engine}Ratio`, value: bareMs / pooledMs, unit: "ratio", atLeast: leastRatio[engine] });
        Object.assign(baseline, { [`${engine}BareMs`]: bareMs, [`${engine}PooledMs`]: pooledMs });
      }
      return { figures, baseline };
    } finally {
      await folder.remove();
      await market.close();
    }
  },
};

/** Medians of runs in turns: what else the machine does meets both. Both have the program loaded and warm. */
async function inTurns(pool: Pool, { program, input }: ComputeBound, folder: string, rounds: number) {
  const bare = await openBareEngine(program, folder);
  const job = await pool.open(program, { memory: "512MiB" });
  const [pooled, bared]: [number[], number[]] = [[], []];
  try {
    await Promise.all([bare.run(), job.run(input)]);
    for (let round = 0; round < rounds; round++) {
      bared.push(await elapsedMs(() => bare.run()));
      pooled.push(await elapsedMs(() => job.run(input)));
    }
    return { pooledMs: median(pooled), bareMs: median(bared) };
  } finally {
    job.close();
    await bare.close();
  }
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
