import { CoreBench, openLentEngines, rateCores } from "@aegis-pool/agent";
import type { Benchmark } from "../benchmark.js";
import { median } from "../statistics.js";

/** How well the same machine gets the same rating again. */
export const ratingRepeat: Benchmark = {
  name: "rating-repeat",
  summary: "spread of the SCU of one machine over ten runs of `aegis benchmark`",
  async run({ long, say }) {
    const { lent, engines } = await openLentEngines("cpu=100%,memory=2GiB");
    try {
      const ratings: number[] = [];
      for (let run = 1; run <= 10; run++) {
        const bench = await CoreBench.open(engines, lent.slots, lent.memoryBytesPerSlot);
        const { scu } = await rateCores(bench, long ? 45 : 8);
        await bench.close();
        ratings.push(scu);
        say(`run ${run}: ${(scu / 1e6).toFixed(5)} SCU`);
      }
      const middle = median(ratings);
      const deviation = median(ratings.map((scu) => Math.abs(scu - middle))) / middle;
      return {
        figures: [
          { name: "spreadPercent", value: deviation * 100, unit: "%", atMost: 3 },
          { name: "scu", value: middle / 1e6, unit: "SCU" },
        ],
        baseline: { least: Math.min(...ratings) / 1e6, most: Math.max(...ratings) / 1e6 },
      };
    } finally {
      await engines.close();
    }
  },
};
