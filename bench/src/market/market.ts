import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "@aegis-pool/sdk";
import { connectFunded } from "./funded.js";
import { temporaryFolder } from "../cleanups.js";
import { type MarketProcess, startMarketProcess } from "./child.js";

/** A pool and its agents on this machine's loopback, each a process of its own. */
export interface Market {
  readonly pool: Pool;
  readonly poolProcess: MarketProcess;
  readonly agents: readonly MarketProcess[];
  /** The pool's own folder. */
  readonly directory: string;
  close(): Promise<void>;
}

/** How long agents may take to connect, in ms. */
const connectMs = 30_000;

/** Starts a pool and `agentCount` agents, which lend one whole core each by default, in a folder that is removed again. */
export async function openMarket(agentCount: number, share = oneCore()): Promise<Market> {
  const folder = await temporaryFolder();
  const directory = join(folder.path, "pool");
  const poolProcess = await startMarketProcess("pool", { directory });
  const agents = await Promise.all(
    Array.from({ length: agentCount }, (_, index) =>
      startMarketProcess("agent", {
        pool: poolProcess.url,
        directory: join(folder.path, `agent-${index}`),
        share,
      }),
    ),
  );
  const pool = await connectFunded(poolProcess.url);
  await connected(pool, agentCount);
  const close = async (): Promise<void> => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await poolProcess.stop();
    await folder.remove();
  };
  return { pool, poolProcess, agents, directory, close };
}

/** The smallest share of this machine that holds one whole core: one slot, whose task has it whole. */
function oneCore(): string {
  return `cpu=${Math.ceil(100 / availableParallelism())}%,memory=2GiB`;
}

async function connected(pool: Pool, agentCount: number): Promise<void> {
  for (const started = performance.now(); performance.now() - started < connectMs; await delay(20)) {
    if ((await pool.describe()).agents === agentCount) return;
  }
  throw new Error(`the ${agentCount} agents did not connect within ${connectMs} ms`);
}
