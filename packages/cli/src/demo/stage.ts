import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { Account, PoolClient } from "@aegis-pool/sdk";
import { bold, type Output } from "../terminal/output.js";
import type { DemoAgent } from "./agents-table.js";
import { type DemoProcess, startAegis } from "./children.js";
import { confirmations, type DemoChain, startDemoChain } from "./local-chain.js";
import { demoMachines } from "./machines.js";

/** Short, so that the demo sees one end; a pool's are a day. */
const epoch = "15s";

/** An agent of the demo, as a process of its own, and its operator's key in hexadecimal. */
export type StagedAgent = DemoAgent & {
  readonly child: DemoProcess;
  readonly slots: number;
  readonly operator: string;
};

/** What the demo plays on. */
export interface Stage {
  readonly output: Output;
  readonly folder: string;
  readonly started: DemoProcess[];
  readonly url: string;
  readonly agents: readonly StagedAgent[];
  readonly chain: DemoChain | undefined;
}

/** A pool and three machines on this one, and where asked a chain that the pool settles on; whatever is started is in `started`. */
export async function raise(
  output: Output,
  { folder, started, chain: wanted }: Pick<Stage, "folder" | "started"> & { readonly chain: boolean },
): Promise<Stage> {
  const settling = wanted ? ", a chain on which it settles," : "";
  output.note(
    `${bold("1. A pool")} with its own PostgreSQL${settling} and three machines that lend unequal parts to it`,
  );
  const data = join(folder, "pool");
  const chain = wanted ? await startDemoChain(await poolKey(data), folder) : undefined;
  try {
    const pool = await startAegis(["pool", "--port", "0", "--data", data, ...poolFlags, ...chainFlags(chain)]);
    started.push(pool);
    const url = String(pool.ready["url"]);
    output.note(`   pool at ${url}${chain ? `, settling at ${chain.distributor.address} on ${chain.url}` : ""}`);
    const agents: StagedAgent[] = [];
    for (const machine of demoMachines()) {
      const isFirst = agents.length === 0;
      if (chain && isFirst) await namePayoutAddress(url, join(folder, machine.name), chain.operator.address);
      const agent = await startMachine(machine, { url, folder, started });
      agents.push(agent);
      output.note(`   ${agent.name} lends ${agent.share}: ${agent.slots} slot${agent.slots === 1 ? "" : "s"}`);
    }
    return { output, folder, started, url, agents, chain };
  } catch (error) {
    await chain?.stop();
    throw error;
  }
}

/** Anybody may be drawn for the lenders' committee: in a pool of minutes nobody has earned trust. */
const poolFlags = ["--challenge", "1000", "--epoch", epoch, "--test-money", "--committee-trust", "0"];

function chainFlags(chain: DemoChain | undefined): string[] {
  if (!chain) return [];
  return ["--chain", chain.url, "--deposits", chain.deposits.address, "--confirmations", String(confirmations)];
}

async function startMachine(
  { name, share }: { readonly name: string; readonly share: string },
  { url, folder, started }: Pick<Stage, "url" | "folder" | "started">,
): Promise<StagedAgent> {
  const state = join(folder, name);
  const child = await startAegis(["agent", "--pool", url, "--share", share, "--state", state]);
  started.push(child);
  const { agent, slots } = child.ready;
  const operator = toHex((await operatorKeyIn(state)).publicKey);
  return { name, share, key: String(agent), slots: Number(slots), killed: false, child, operator };
}

/** Contracts are deployed for a pool's key, before the pool that they are given to is started. */
async function poolKey(data: string): Promise<string> {
  return toHex((await openKeyFile(join(data, "pool.key"), createEd25519Signer)).publicKey);
}

const operatorKeyIn = (state: string) => openKeyFile(join(state, "operator.key"), createEd25519Signer);

/** Before its operator has earned anything, so that it is in effect at once. */
async function namePayoutAddress(url: string, state: string, address: string): Promise<void> {
  await new Account(await PoolClient.connect(url), await operatorKeyIn(state)).setPayout(address);
}
