import type { Benchmark, Figure } from "../benchmark.js";
import { type FuelWorker, openWorker, type Turn } from "../fuel/worker.js";
import { works } from "../fuel/works.js";
import { median } from "../statistics.js";

/** Least speed of a metered module as a part of its plain speed. */
const leastRatio = 0.6;
/** Turns before those that count: by then V8 has optimised what is hot. */
const warmUps = 3;
const turns = 5;

/** What it costs a deterministic task of the engine `wasm` that its instructions are counted. */
export const fuelOverhead: Benchmark = {
  name: "fuel-overhead",
  summary: "five modules from npm and our own kernel at real work, metered against plain, with the same results",
  async run({ long, say }) {
    const figures: Figure[] = [];
    const baseline: Record<string, number> = {};
    for (const name of Object.keys(works)) {
      say(name);
      const pairs: Pair[] = [];
      for (let pair = 0; pair < (long ? 9 : 3); pair++) pairs.push(await inTurns(name));
      const ratio = median(pairs.map(({ plainMs, meteredMs }) => plainMs / meteredMs));
      figures.push({ name, value: ratio, unit: "ratio", atLeast: leastRatio });
      baseline[`${name}PlainCpuMs`] = median(pairs.map(({ plainMs }) => plainMs));
      baseline[`${name}MeteredCpuMs`] = median(pairs.map(({ meteredMs }) => meteredMs));
    }
    const worst = Math.min(...figures.map(({ value }) => value));
    return { figures: [...figures, { name: "worst", value: worst, unit: "ratio", atLeast: leastRatio }], baseline };
  },
};

/** Processor time of a turn, in ms. */
interface Pair {
  readonly plainMs: number;
  readonly meteredMs: number;
}

/** A fresh process each, in turns: how well a compiler does differs from process to process, and a shared machine's speed drifts. */
async function inTurns(name: string): Promise<Pair> {
  const [plain, metered] = [openWorker(name, false), openWorker(name, true)];
  try {
    const took: { readonly plain: Turn; readonly metered: Turn }[] = [];
    for (let round = 0; round < warmUps + turns; round++) {
      took.push({ plain: await plain.turn(), metered: await metered.turn() });
    }
    requireSame(name, took);
    const counted = took.slice(warmUps);
    return {
      plainMs: median(counted.map((turn) => turn.plain.cpuMs)),
      meteredMs: median(counted.map((turn) => turn.metered.cpuMs)),
    };
  } finally {
    await closeAll([plain, metered]);
  }
}

async function closeAll(workers: readonly FuelWorker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.close()));
}

function requireSame(name: string, took: readonly { readonly plain: Turn; readonly metered: Turn }[]): void {
  const results = new Set(took.flatMap(({ plain, metered }) => [plain.digest, metered.digest]));
  if (results.size !== 1) throw new Error(`${name} gives ${results.size} different results, metered and plain`);
  if (took.some(({ plain, metered }) => plain.metered !== 0 || metered.metered === 0)) {
    throw new Error(`${name} was metered where it should not be, or not where it should`);
  }
}
