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
        const { pooledMs, bareMs } = await compare(market.pool, compute, folder.path, long ? 12 : 3);
        figures.push({
          name: `${engine}Ratio`,
          value: bareMs / pooledMs,
          unit: "ratio",
          atLeast: leastRatio[engine] ?? 1,
        });
        Object.assign(baseline, { [`${engine}BareMs`]: bareMs, [`${engine}PooledMs`]: pooledMs });
      }
      return { figures, baseline };
    } finally {
      await folder.remove();
      await market.close();
    }
  },
};

/**
 * Lower quartiles over `pairs` of fresh processes. What else a shared machine does only ever adds time: medians of two
 * bare engines, side by side, differ by up to a tenth.
 */
async function compare(pool: Pool, compute: ComputeBound, folder: string, pairs: number) {
  const times: Times[] = [];
  for (let pair = 0; pair < pairs; pair++) times.push(await inTurns(pool, compute, folder));
  const undisturbed = (which: keyof Times) =>
    quantile(
      times.flatMap((pair) => pair[which]),
      0.25,
    );
  return { pooledMs: undisturbed("pooled"), bareMs: undisturbed("bared") };
}

/** What runs took, in ms. */
interface Times {
  readonly pooled: readonly number[];
  readonly bared: readonly number[];
}

/** Runs of one process each, in turns: what else the machine does meets both. Both have the program loaded and warm. */
async function inTurns(pool: Pool, { program, input }: ComputeBound, folder: string): Promise<Times> {
  const bare = await openBareEngine(program, folder);
  const job = await pool.open(program, { memory: "512MiB" });
  const [pooled, bared]: [number[], number[]] = [[], []];
  try {
    await Promise.all([bare.run(), job.run(input)]);
    for (let round = 0; round < 2; round++) {
      bared.push(await elapsedMs(() => bare.run()));
      pooled.push(await elapsedMs(() => job.run(input)));
    }
    return { pooled, bared };
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
