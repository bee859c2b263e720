import { setTimeout as delay } from "node:timers/promises";
import { type Job, jsProgram, type Pool } from "@aegis-pool/sdk";
import type { Benchmark, Measurement, RunOptions } from "../benchmark.js";
import { openCommits } from "../market/commits.js";
import { openMarket } from "../market/market.js";
import { quantile } from "../statistics.js";

/** Its first instruction reads the clock. The sandbox's clock ticks every 0.1 ms from an origin rounded to a whole ms. */
const source = "export default () => performance.timeOrigin + performance.now();";

/** Between jobs the agent may start the process that the last job took from its stock. */
const restockMs = 250;

/** How long a task waits between submission and its first instruction: when nothing else is going on, and at half of full load. */
export const startLatency: Benchmark = {
  name: "start-latency",
  summary: "submit to first instruction in the sandbox, warm agent on loopback, key release included",
  async run(options) {
    const [idle, loaded] = [await whenIdle(options), await atHalfLoad(options)];
    return { figures: [...idle.figures, ...loaded.figures], baseline: { ...idle.baseline, ...loaded.baseline } };
  },
};

async function whenIdle({ long, say }: RunOptions): Promise<Measurement> {
  const market = await openMarket(1);
  try {
    say("tasks added to an open job");
    const warm = await addedTaskMs(market.pool, long ? 2_000 : 300);
    say("first tasks of new jobs");
    const fresh = await newJobMs(market.pool, long ? 300 : 40);
    say("baseline: a round trip and a commit");
    const bare = await bareMs(market.pool, market.directory, long ? 2_000 : 300);
    return {
      figures: [
        { name: "p50Ms", value: quantile(warm, 0.5), unit: "ms", atMost: 10 },
        { name: "p99Ms", value: quantile(warm, 0.99), unit: "ms", atMost: 40 },
        { name: "newJobP50Ms", value: quantile(fresh, 0.5), unit: "ms" },
        { name: "newJobP99Ms", value: quantile(fresh, 0.99), unit: "ms" },
      ],
      baseline: { roundTripAndCommitP50Ms: quantile(bare, 0.5), roundTripAndCommitP99Ms: quantile(bare, 0.99) },
    };
  } finally {
    await market.close();
  }
}

/** Two agents of one core each, one of which is kept computing all the time by another requester's job. */
async function atHalfLoad({ long, say }: RunOptions): Promise<Measurement> {
  const market = await openMarket(2);
  try {
    say("tasks added to an open job, while half of what is lent computes");
    const busy = await BusyJob.start(market.pool);
    const warm = await addedTaskMs(market.pool, long ? 2_000 : 300);
    const busyRuns = await busy.stop();
    if (busyRuns === 0) throw new Error("the load has not run");
    return {
      figures: [
        { name: "p50MsAtHalfLoad", value: quantile(warm, 0.5), unit: "ms", atMost: 10 },
        { name: "p99MsAtHalfLoad", value: quantile(warm, 0.99), unit: "ms", atMost: 50 },
      ],
      baseline: { busyRuns },
    };
  } finally {
    await market.close();
  }
}

/** Computes for half a second, as one of many tasks of a long job does. */
const busySource = `export default () => {
  const end = performance.now() + 500;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
};`;

/** A job that always has one task running, or about to. */
class BusyJob {
  readonly #job: Job<number>;
  #runs = 0;
  #ending = false;
  readonly #ended: Promise<void>;

  private constructor(job: Job<number>) {
    this.#job = job;
    this.#ended = this.#goOn();
  }

  static async start(pool: Pool): Promise<BusyJob> {
    const job = await pool.open<number>(jsProgram(busySource));
    await job.run(null);
    return new BusyJob(job);
  }

  /** @returns how many of its tasks have ended since it was started */
  async stop(): Promise<number> {
    this.#ending = true;
    await this.#ended;
    this.#job.close();
    return this.#runs;
  }

  async #goOn(): Promise<void> {
    for (; !this.#ending; this.#runs++) await this.#job.run(null);
  }
}

/** ms since 1970, with fractions. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function addedTaskMs(pool: Pool, rounds: number): Promise<number[]> {
  const job = await pool.open<number>(jsProgram(source));
  const latencies: number[] = [];
  for (let warmUp = 0; warmUp < 30; warmUp++) await job.run(null);
  for (let round = 0; round < rounds; round++) {
    const submitted = now();
    latencies.push((await job.run(null)) - submitted);
  }
  job.close();
  return latencies;
}

/** A fresh process out of the stock, the program's download and the set-up of keys between job and agent included. */
async function newJobMs(pool: Pool, rounds: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const job = await pool.open<number>(jsProgram(`${source} // ${round}`));
    await delay(restockMs);
    const submitted = now();
    latencies.push((await job.run(null)) - submitted);
    job.close();
  }
  return latencies;
}

/** What no pool with a durable queue can do without: one HTTP round trip and one commit on the same database. */
async function bareMs(pool: Pool, directory: string, rounds: number): Promise<number[]> {
  const commits = await openCommits(directory);
  const latencies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await pool.describe();
    await commits.commitOne();
    latencies.push(performance.now() - started);
  }
  await commits.close();
  return latencies;
}
