import { availableParallelism } from "node:os";
import { CoreBench, openLentEngines, rateCores } from "@aegis-pool/agent";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { median } from "../statistics.js";

/** How well the same machine gets the same rating again, and whether half a share gets half of it. */
export const ratingRepeat: Benchmark = {
  name: "rating-repeat",
  summary: "spread of the SCU of one machine over ten runs of `aegis benchmark`, and half a core's part of a whole one",
  async run({ long, say }) {
    const ratings = await ratingsOf("cpu=100%,memory=2GiB", { runs: 10, seconds: long ? 45 : 8 }, say);
    const middle = median(ratings);
    const deviation = median(ratings.map((scu) => Math.abs(scu - middle))) / middle;
    const { whole, half } = await oneCore(long, say);
    return {
      figures: [
        { name: "spreadPercent", value: deviation * 100, unit: "%", atMost: 3 },
        { name: "scu", value: middle / 1e6, unit: "SCU" },
        { name: "halfOfACore", value: half / whole, unit: "ratio" },
      ],
      baseline: { least: Math.min(...ratings) / 1e6, most: Math.max(...ratings) / 1e6, oneCore: whole / 1e6 },
    };
  },
};

/** Medians for one core and for half of one, in turns. */
async function oneCore(long: boolean, say: RunOptions["say"]) {
  const percentOfACore = 100 / availableParallelism();
  const [wholes, halves]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 3; turn++) {
    const terms = { runs: 1, seconds: long ? 20 : 4 };
    wholes.push(...(await ratingsOf(`cpu=${Math.round(percentOfACore)}%,memory=1GiB`, terms, say)));
    halves.push(...(await ratingsOf(`cpu=${Math.round(percentOfACore / 2)}%,memory=1GiB`, terms, say)));
  }
  return { whole: median(wholes), half: median(halves) };
}

/** µSCU of each run. */
async function ratingsOf(share: string, { runs, seconds }: { runs: number; seconds: number }, say: RunOptions["say"]) {
  const { lent, engines } = await openLentEngines(share);
  try {
    const ratings: number[] = [];
    for (let run = 1; run <= runs; run++) {
      const bench = await CoreBench.open(engines, lent.slots, lent.memoryBytesPerSlot);
      const { scu } = await rateCores(bench, seconds);
      await bench.close();
      ratings.push(scu);
      say(`${share}, run ${run}: ${(scu / 1e6).toFixed(5)} SCU`);
    }
    return ratings;
  } finally {
    await engines.close();
  }
}
