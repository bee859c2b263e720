import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { askAgent } from "@aegis-pool/agent";
import { Pool } from "@aegis-pool/sdk";
import { connectFunded } from "../market/funded.js";
import { temporaryFolder } from "../cleanups.js";
import { startMarketProcess } from "../market/child.js";

/** A machine's owner, as this benchmark plays them. */
export interface Lender {
  readonly name: string;
  readonly share: string;
  /** Its sandboxes are held by stopping and continuing them, though the kernel's groups may be granted. */
  readonly cgroups?: "off";
}

/** An agent that has proven its speed, and lends nothing until it is asked to. */
export interface ProvenAgent {
  readonly name: string;
  /** Its key in hexadecimal. */
  readonly key: string;
  /** µSCU of a slot. */
  readonly slotSpeed: number;
  resume(): Promise<unknown>;
  pause(): Promise<unknown>;
}

/** A pool and agents that are unlike, of which one works at a time. */
export interface LenderMarket {
  readonly pool: Pool;
  readonly agents: readonly ProvenAgent[];
  close(): Promise<void>;
}

/** How long an agent may take to prove its speed, in ms. */
const provingMs = 60_000;

/** Starts a pool and one agent after another: each measures itself and proves its speed on a machine that does nothing else. */
export async function openLenders(
  lenders: readonly Lender[],
  onProven: (agent: ProvenAgent) => void,
): Promise<LenderMarket> {
  const folder = await temporaryFolder();
  const poolProcess = await startMarketProcess("pool", { directory: join(folder.path, "pool") });
  const pool = await connectFunded(poolProcess.url);
  const [agents, stops] = [[] as ProvenAgent[], [] as (() => Promise<unknown>)[]];
  for (const [index, { name, ...options }] of lenders.entries()) {
    const directory = join(folder.path, `agent-${index}`);
    const started = await startMarketProcess("agent", { pool: poolProcess.url, directory, ...options });
    stops.push(() => started.stop());
    const { agent: key } = await askAgent(directory, "status");
    const ask = (command: "pause" | "resume") => () => askAgent(directory, command);
    const slotSpeed = await provenSpeed(pool, key);
    const agent = { name, key, slotSpeed, pause: ask("pause"), resume: ask("resume") };
    await agent.pause();
    agents.push(agent);
    onProven(agent);
  }
  const close = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
    await poolProcess.stop();
    await folder.remove();
  };
  return { pool, agents, close };
}

async function provenSpeed(pool: Pool, key: string): Promise<number> {
  for (const started = performance.now(); performance.now() - started < provingMs; await delay(100)) {
    const [last] = await pool.ratingsOf(key);
    if (last?.reason === "proven") return last.slotSpeed;
  }
  throw new Error(`agent ${key} did not prove its speed within ${provingMs} ms`);
}
