import type { Benchmark, RunOptions } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { Graphile } from "../lifecycle/graphile.js";
import { OwnMarket } from "../lifecycle/own-market.js";
import { median } from "../statistics.js";

const loads = [
  { inFlight: 50, tasks: 4_000 },
  { inFlight: 500, tasks: 10_000 },

  { inFlight: 4_000, tasks: 20_000 },
] as const;
const rounds = 3;

/** How many tasks a second the pool's own code takes through their whole life, everything durable. */
export const lifecycle: Benchmark = {
  name: "lifecycle",
  summary: "tasks through submit, match, lease, release, result, payment and receipt, beside graphile-worker's jobs",
  async run(options) {
    const folder = await temporaryFolder();
    const market = await OwnMarket.open(folder.path);
    const graphile = await Graphile.open(market.database);
    try {
      return await measure({ market, graphile }, options);
    } finally {
      await graphile.close();
      await market.close();
      await folder.remove();
    }
  },
};

async function measure({ market, graphile }: { market: OwnMarket; graphile: Graphile }, { long, say }: RunOptions) {
  const rates: Record<string, number[]> = {};
  let settled = 0;
  for (let round = 0; round < (long ? 4 : 1) * rounds; round++) {
    for (const { inFlight, tasks } of loads) {
      const own = tasks / (await market.run(tasks, inFlight));
      const others = tasks / (await graphile.run(tasks, inFlight));
      settled += tasks;
      (rates[`own${inFlight}`] ??= []).push(own);
      (rates[`graphile${inFlight}`] ??= []).push(others);
      say(`${inFlight} in flight: ${Math.round(own)} tasks/s, graphile-worker ${Math.round(others)} jobs/s`);
    }
  }
  await market.requireReceipts(settled);
  const of = (name: string): number => median(rates[name] ?? []);
  const ratio = (inFlight: number): number => of(`own${inFlight}`) / of(`graphile${inFlight}`);
  return {
    figures: [
      { name: "againstGraphileAt4000", value: ratio(4_000), unit: "ratio", atLeast: 1 },
      ...loads.map(({ inFlight }) => ({
        name: `tasksPerSecond${inFlight}`,
        value: of(`own${inFlight}`),
        unit: "tasks/s",
      })),
    ],
    baseline: Object.fromEntries(
      loads.map(({ inFlight }) => [`graphilePerSecond${inFlight}`, of(`graphile${inFlight}`)]),
    ),
  };
}
