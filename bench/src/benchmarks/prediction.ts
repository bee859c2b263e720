import type { Benchmark, Figure, RunOptions } from "../benchmark.js";
import { constant, errorsOf, hindsight, uncorrected } from "../prediction/errors.js";
import { jobKinds } from "../prediction/kinds.js";
import { type Lender, type LenderMarket, openLenders } from "../prediction/lenders.js";
import { openPredictedJob, type PredictedRun } from "../prediction/predicted-job.js";
import { seededRandom, shuffled } from "../random.js";

/** Of a machine of two cores: less than a core, one core, and two. */
const lenders: readonly Lender[] = [
  { name: "15%", share: "cpu=15%,memory=1GiB" },
  { name: "25%", share: "cpu=25%,memory=1GiB" },
  { name: "25% by stopping", share: "cpu=25%,memory=1GiB", cgroups: "off" },
  { name: "40%", share: "cpu=40%,memory=1GiB" },
  { name: "50%", share: "cpu=50%,memory=1GiB" },
  { name: "100%", share: "cpu=100%,memory=2GiB" },
];

/**
 * Predicted against real run times: six unlike agents, eight unlike kinds of job. One agent lends at a time, so that they
 * do not share the cores of this machine. It is visited with each kind some times, all in an order that the seed decides,
 * and runs two tasks at each visit: the first in a fresh sandbox, the second in the same. What is held to the bounds is
 * what the pool told the requester at the match of every run of an agent that had been visited with that kind before:
 * from the second visit of each pair on. First visits are figures of their own, without a bound.
 */
export const prediction: Benchmark = {
  name: "prediction",
  summary: "error of the predicted run time, 6 unlike agents and 8 kinds of job",
  async run(options) {
    const { long, say, seed } = options;
    say(`seed ${seed}: repeat with --seed ${seed}`);
    const market = await openLenders(lenders, ({ name, slotSpeed }) =>
      say(`${name} of the machine: ${slotSpeed} µSCU a slot`),
    );
    try {
      return figuresOf(await measure(market, long ? 6 : 2, options), market);
    } finally {
      await market.close();
    }
  },
};

async function measure(market: LenderMarket, rounds: number, { say, seed }: RunOptions): Promise<PredictedRun[]> {
  const jobs = await Promise.all(jobKinds().map((kind) => openPredictedJob(market.pool, kind)));
  const all = market.agents.flatMap((agent) => jobs.map((job) => ({ agent, job })));
  const visits = shuffled(Array.from({ length: rounds }, () => all).flat(), seededRandom(seed));
  const visited = new Map<object, number>();
  const runs: PredictedRun[] = [];
  for (const [index, visit] of visits.entries()) {
    const { agent, job } = visit;
    const before = visited.get(visit) ?? 0;
    visited.set(visit, before + 1);
    await agent.resume();
    for (const place of [0, 1]) runs.push({ ...(await job.run()), visit: before, place });
    await agent.pause();
    const told = runs
      .slice(-2)
      .map(({ actualMs, expectedMs }) => `${Math.round(actualMs)} ms (${expectedMs ?? "nothing"} expected)`);
    say(`${index + 1}/${visits.length} ${job.kind.name} on ${agent.name}: ${told.join(", then ")}`);
  }
  for (const job of jobs) job.close();
  return runs;
}

function figuresOf(runs: readonly PredictedRun[], { agents }: LenderMarket) {
  const counted = (predicted: (number | undefined)[], first = false) => {
    const chosen = runs.flatMap((run, index) => ((run.visit === 0) === first ? { run, ms: predicted[index] } : []));
    return errorsOf(
      chosen.map(({ run }) => run),
      (index) => chosen[index]?.ms,
    );
  };
  const told = runs.map(({ expectedMs }) => expectedMs);
  const [errors, first] = [counted(told), counted(told, true)];
  const noise = counted(hindsight(runs));
  const naive = counted(uncorrected(runs, (key) => agents.find((agent) => agent.key === key)?.slotSpeed ?? 0));
  const same = counted(constant(runs));
  const figures: Figure[] = [
    { name: "medianError", value: errors.median, unit: "ratio", atMost: 0.1 },
    { name: "p90Error", value: errors.p90, unit: "ratio", atMost: 0.25 },
    { name: "firstVisitMedianError", value: first.median, unit: "ratio" },
    { name: "noiseMedian", value: noise.median, unit: "ratio" },
    { name: "noiseP90", value: noise.p90, unit: "ratio" },
  ];
  const baseline = {
    uncorrectedMedianError: naive.median,
    uncorrectedP90Error: naive.p90,
    constantMedianError: same.median,
    constantP90Error: same.p90,
    countedRuns: runs.filter(({ visit }) => visit > 0).length,
  };
  return { figures, baseline };
}
