import { join } from "node:path";
import {
  epochAt,
  payoutDelayMs,
  readStatement,
  receiptStatement,
  rewardDefaults,
  toHex,
  type VerifiedEpoch,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { vi } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { downloadEpoch, listEpochs, verifyEpochFile } from "../../../../test/fixtures/requester.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";

/** Looked at every 100 ms, and written and closed every 250 ms; the clock of tests moves by whole epochs. */
export const epochMs = 1_000;
export const rewards = { ...rewardDefaults, epochMs };

export const payoutAddress = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
/** As if all changes of addresses had been asked for so much earlier that they are in effect. */
export const earlierPayouts = `UPDATE payout_changes SET asked_at = asked_at - ${payoutDelayMs}`;

/** For how long something is waited for that is about to be so, in ms. */
const patience = { timeout: 10_000 };

/** A pool with epochs of a second, and what happens in them. */
export class RewardedPool {
  readonly pool: TestPool;
  readonly #folder: Awaited<ReturnType<typeof temporaryDirectory>>;

  private constructor(pool: TestPool, folder: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.pool = pool;
    this.#folder = folder;
  }

  static async start(): Promise<RewardedPool> {
    return new RewardedPool(await startTestPool("off", { rewards }), await temporaryDirectory());
  }

  async stop(): Promise<void> {
    await this.pool.stop();
    await this.#folder.remove();
  }

  /** Enrolled agents, each of an operator of its own, that have proven 1 SCU on each of two slots. */
  async provenAgents(count = 1): Promise<ScriptedAgent[]> {
    const agents: ScriptedAgent[] = [];
    for (let at = 0; at < count; at++) agents.push(await ScriptedAgent.enrolled(this.pool, { offer: { slots: 2 } }));
    const proven = "'proven', 'cpu', 2, 16000000000000, 200000000000, 1, 1000000, 4000000000000000";
    const rows = agents.map(({ id }) => `('\\x${id}', 0, ${proven})`).join();
    const columns = "agent, rated_at, reason, class, slots, fp32, memory, proven_at, slot_speed, expires_at";
    this.endEpoch(); // so that none ends while it is counted
    await this.pool.restart(`INSERT INTO ratings (${columns}) VALUES ${rows}`);
    return agents;
  }

  async provenAgent(): Promise<ScriptedAgent> {
    return present((await this.provenAgents())[0]);
  }

  /** A proven agent that is ready, whose operator has a payout address in effect. */
  async payableAgent(address = payoutAddress): Promise<ScriptedAgent> {
    const agent = await this.provenAgent();
    await this.accountOf(agent).setPayout(address); // at once, while nothing is earned
    await this.ready(agent);
    return agent;
  }

  async ready(agent: ScriptedAgent, leases = 1) {
    const link = await agent.connect();
    link.send({ type: "capacity", leases });
    await vi.waitUntil(async () => ((await this.pool.client.describe()).offers[0]?.slots ?? 0) > 0, patience);
    return link;
  }

  accountOf({ keys }: ScriptedAgent): Account {
    return new Account(this.pool.client, keys.operator);
  }

  get epochNow(): number {
    return epochAt(this.pool.clock.now(), rewards).number;
  }

  /** What is written of an operator's only agent in the epoch that runs. */
  async counted(agent: ScriptedAgent) {
    const [line] = await this.accountOf(agent).attendances(this.epochNow);
    return line;
  }

  /** So much time passes, in which the agent counts as here. */
  async here(agent: ScriptedAgent, ms: number): Promise<void> {
    const before = (await this.counted(agent))?.available ?? 0;
    this.pool.clock.advance(ms);
    await vi.waitUntil(async () => (await this.counted(agent))?.available === before + ms * 2_000, patience);
  }

  /** Waits for the file of the newest epoch after `last`, and verifies it. */
  async closed(previous?: VerifiedEpoch): Promise<VerifiedEpoch> {
    const newest = async () => (await listEpochs(this.pool.client)).epochs[0]?.number ?? -1;
    await vi.waitUntil(async () => (await newest()) > (previous?.header.epoch ?? -1), patience);
    const number = await newest();
    const path = join(this.#folder.path, `${number}.jsonl`);
    await downloadEpoch(this.pool.client, number, path);
    return verifyEpochFile(path, { pool: this.pool.client.key, previous });
  }

  /** The next epoch begins. */
  endEpoch(): void {
    this.pool.clock.advance(epochMs - (this.pool.clock.now() % epochMs));
  }

  /** nAIS in all accounts together: none. */
  async inAllAccounts(): Promise<bigint> {
    return (await this.pool.client.books()).sum;
  }

  /** A task, done by `agent`; @returns the receipt's hash as public files have it, and its reward. */
  async work(agent: ScriptedAgent) {
    const requester = await ScriptedRequester.create(this.pool.client);
    const releaser = await requester.connect();
    await requester.submit(["a task"]);
    const done = agent.work();
    await requester.releaseNext(releaser);
    const receipt = await done;
    const { reward } = present(readStatement(receiptStatement, receipt));
    return { id: toHex(primitives.sha256(receipt.body)), reward: BigInt(reward) };
  }
}
