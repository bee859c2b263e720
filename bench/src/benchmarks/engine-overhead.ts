import type { Pool } from "@aegis-pool/sdk";
import type { Benchmark, Figure } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { openBareEngine } from "../engines/bare-engine.js";
import { type ComputeBound, computeBound } from "../engines/programs.js";
import { openMarket } from "../market/market.js";
import { quantile } from "../statistics.js";

/** Least speed on the pool as a part of the bare engine's. */
const leastRatio: Readonly<Partial<Record<string, number>>> = { js: 0.95, wasm: 0.9, onnx: 0.9 };

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
        const { ratio, pooledMs, bareMs } = await compare(market.pool, compute, folder.path, long ? 18 : 6);
        figures.push({ name: `${engine}Ratio`, value: ratio, unit: "ratio", atLeast: leastRatio[engine] ?? 1 });
        Object.assign(baseline, { [`${engine}BareMs`]: bareMs, [`${engine}PooledMs`]: pooledMs });
      }
      return { figures, baseline };
    } finally {
      await folder.remove();
      await market.close();
    }
  },
};

/** Over `pairs` of fresh processes: how well the engine's compiler does differs from one process to the next. */
async function compare(pool: Pool, compute: ComputeBound, folder: string, pairs: number): Promise<Comparison> {
  const runs: Comparison[] = [];
  for (let pair = 0; pair < pairs; pair++) runs.push(...(await inTurns(pool, compute, folder)));
  const middle = (which: keyof Comparison) =>
    quantile(
      runs.map((run) => run[which]),
      0.5,
    );
  return { ratio: middle("ratio"), pooledMs: middle("pooledMs"), bareMs: middle("bareMs") };
}

/** A run on the pool, and what the bare engine took right before and after it, on average, in ms. */
interface Comparison {
  /** Speed on the pool as a part of the bare engine's. */
  readonly ratio: number;
  readonly pooledMs: number;
  readonly bareMs: number;
}

/** Runs of one process each, in turns: the speed of a shared machine drifts. Both have the program loaded and warm. */
async function inTurns(pool: Pool, { program, input }: ComputeBound, folder: string): Promise<Comparison[]> {
  const bare = await openBareEngine(program, folder);
  const job = await pool.open(program, { memory: "512MiB" });
  const compared: Comparison[] = [];
  try {
    await Promise.all([bare.run(), job.run(input)]);
    let before = await elapsedMs(() => bare.run());
    for (let round = 0; round < 2; round++) {
      const pooledMs = await elapsedMs(() => job.run(input));
      const after = await elapsedMs(() => bare.run());
      const bareMs = (before + after) / 2;
      compared.push({ ratio: bareMs / pooledMs, pooledMs, bareMs });
      before = after;
    }
    return compared;
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
