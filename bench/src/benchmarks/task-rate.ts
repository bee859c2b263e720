import { createEngines } from "@aegis-pool/agent";
import { encodeValue } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { jsProgram, type Pool } from "@aegis-pool/sdk";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { type Market, openMarket } from "../market/market.js";
import { median } from "../statistics.js";

const taskCount = 2_000;
const program = jsProgram("export default (input) => input;\n");
const inputs = Array.from({ length: taskCount }, (_, index) => index);

/** How many tasks a second go through the whole life: sealed, leased, released, run, signed, settled, opened. */
export const taskRate: Benchmark = {
  name: "task-rate",
  summary: "one job of 2,000 no-op js tasks through the whole life, 1 pool and 2 agents",
  async run(options) {
    const market = await openMarket(2);
    try {
      options.say("warming up");
      await jobSeconds(market.pool);
      const rounds = await measure(market, options);
      const directCallsPerSecond = taskCount / (await directSeconds());
      const tasksPerSecond = taskCount / median(rounds.map(({ seconds }) => seconds));
      const cpu = (role: "requester" | "pool" | "agents") => median(rounds.map(({ cpuMs }) => cpuMs[role] / taskCount));
      return {
        figures: [{ name: "tasksPerSecond", value: tasksPerSecond, unit: "tasks/s", atLeast: 500 }],
        baseline: {
          directCallsPerSecond,
          requesterCpuMsPerTask: cpu("requester"),
          poolCpuMsPerTask: cpu("pool"),
          agentsCpuMsPerTask: cpu("agents"),
        },
      };
    } finally {
      await market.close();
    }
  },
};

interface Round {
  readonly seconds: number;
  /** Processor time of our own processes, without the sandboxes' and the database's. */
  readonly cpuMs: { readonly requester: number; readonly pool: number; readonly agents: number };
}

async function measure(market: Market, { long, say }: RunOptions): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < (long ? 20 : 6); round++) {
    const before = await cpuOf(market);
    const seconds = await jobSeconds(market.pool);
    const after = await cpuOf(market);
    const cpuMs = {
      requester: after.requester - before.requester,
      pool: after.pool - before.pool,
      agents: after.agents - before.agents,
    };
    rounds.push({ seconds, cpuMs });
    say(`round ${round + 1}: ${Math.round(taskCount / seconds)} tasks/s`);
  }
  return rounds;
}

/** From the call until every result is verified and opened. */
async function jobSeconds(pool: Pool): Promise<number> {
  const started = performance.now();
  const job = await pool.map<number, number>(program, inputs);
  const outputs = await job.values();
  const seconds = (performance.now() - started) / 1_000;
  if (outputs.some((output, index) => output !== index)) throw new Error("a task answered another's input");
  return seconds;
}

async function cpuOf({ poolProcess, agents }: Market): Promise<Round["cpuMs"]> {
  const { user, system } = process.cpuUsage();
  const ofAgents = await Promise.all(agents.map((agent) => agent.cpuMs()));
  const sum = ofAgents.reduce((total, each) => total + each, 0);
  return { requester: (user + system) / 1_000, pool: await poolProcess.cpuMs(), agents: sum };
}

/** The same calls straight into one sandbox process, one after another. */
async function directSeconds(): Promise<number> {
  const engines = await createEngines();
  try {
    const limits = { timeMs: 60_000, memoryBytes: 256 * 1024 ** 2, outputBytes: 65_536, logBytes: 65_536 };
    const runtime = await engines.open(program, limits);
    await runtime.run(encodeValue(0, primitives.text)); // the first call waits for the program to load
    const started = performance.now();
    for (const input of inputs) await runtime.run(encodeValue(input, primitives.text));
    return (performance.now() - started) / 1_000;
  } finally {
    await engines.close();
  }
}
