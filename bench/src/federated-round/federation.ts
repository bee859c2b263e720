import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nanoAisPerAis } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { Account, createRun, type CreatedRun, PoolClient } from "@aegis-pool/sdk";
import { temporaryFolder } from "../cleanups.js";
import { type MarketProcess, startMarketProcess } from "../market/child.js";

/** A run on this machine's loopback: a pool and four agents, each a process of its own, and all participants in this one. */
export interface Federation {
  readonly pool: MarketProcess;
  readonly members: readonly MarketProcess[];
  readonly created: CreatedRun;
  /** Where participants keep their state. */
  readonly folder: string;
  close(): Promise<void>;
}

/** How long agents may take to connect, in ms. */
const connectMs = 60_000;

/** @param rounds sums of `values` parameters each */
export async function openFederation(participants: number, rounds: number, values: number): Promise<Federation> {
  const folder = await temporaryFolder();
  const pool = await startMarketProcess("pool", {
    ...{ directory: join(folder.path, "pool"), ratings: "off", committeeTrust: 0 },
  });
  const members = await Promise.all(
    [0, 1, 2, 3].map((index) =>
      startMarketProcess("agent", {
        ...{ pool: pool.url, directory: join(folder.path, `agent-${index}`), share: "cpu=50%,memory=2GiB" },
      }),
    ),
  );
  const client = await PoolClient.connect(pool.url);
  await connected(client, members.length);
  const account = createEd25519Signer();
  await new Account(client, account).fund(1_000_000n * nanoAisPerAis);
  const plan = { name: "benchmark", settings: {} };
  const created = await createRun(client, { participants, rounds, values, plan, account });
  return {
    ...{ pool, members, created, folder: folder.path },
    async close() {
      await Promise.all(members.map((member) => member.stop()));
      await pool.stop();
      await folder.remove();
    },
  };
}

async function connected(client: PoolClient, agents: number): Promise<void> {
  for (const started = performance.now(); performance.now() - started < connectMs; await delay(50)) {
    if ((await client.describe()).agents === agents) return;
  }
  throw new Error(`the ${agents} agents did not connect within ${connectMs} ms`);
}
