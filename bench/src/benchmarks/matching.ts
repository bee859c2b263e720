import type { Benchmark } from "../benchmark.js";
import { Crowd } from "../matching/crowd.js";
import { seededRandom } from "../random.js";
import { quantile } from "../statistics.js";

/** Agents, and as many waiting tasks. */
const sizes = [1_000, 10_000, 100_000] as const;

/** What a decision of the market costs, and how that grows with the market. */
export const matching: Benchmark = {
  name: "matching",
  summary: "decisions a second with 1,000, 10,000 and 100,000 unlike agents and as many waiting tasks",
  run({ long, seed, say }) {
    say(`seed ${seed}: repeat with --seed ${seed}`);
    const random = seededRandom(seed);
    rateOf(new Crowd(sizes[0], random), 100_000); // what is measured is compiled code
    const crowds = sizes.map((size) => new Crowd(size, random));
    const rates: number[][] = sizes.map(() => []);
    for (let round = 0; round < (long ? 30 : 7); round++) {
      for (const [index, crowd] of crowds.entries()) rates[index]?.push(rateOf(crowd, 100_000));
      say(`round ${round + 1}: ${rates.map((each) => `${Math.round(each.at(-1) ?? 0)}/s`).join(", ")}`);
    }
    const [small = 0, middle = 0, large = 0] = rates.map((each) => quantile(each, 0.5));
    const growths = (rates[0] ?? []).map((each, round) => each / (rates[2]?.[round] ?? 0));
    return Promise.resolve({
      figures: [
        { name: "decisionsPerSecond10000", value: middle, unit: "/s", atLeast: 100_000 },
        { name: "growth1000To100000", value: quantile(growths, 0.5), unit: "ratio", atMost: 2 },
        { name: "decisionsPerSecond1000", value: small, unit: "/s" },
        { name: "decisionsPerSecond100000", value: large, unit: "/s" },
      ],
      baseline: { scansPerSecond10000: scansPerSecond(sizes[1], random) },
    });
  },
};

function rateOf(crowd: Crowd, steps: number): number {
  const started = performance.now();
  let decisions = 0;
  for (let step = 0; step < steps; step++) decisions += crowd.step();
  return (decisions / (performance.now() - started)) * 1_000;
}

/** A bare look at as many prices, one after another: what no decision without an index can undercut. */
function scansPerSecond(size: number, random: () => number): number {
  const prices = Float64Array.from({ length: size }, random);
  const started = performance.now();
  let best = 0;
  const scans = 2_000;
  for (let index = 0; index < scans; index++) {
    const floor = random();
    for (const price of prices) if (price > best && price >= floor) best = price;
    best = 0;
  }
  return (scans / (performance.now() - started)) * 1_000;
}
