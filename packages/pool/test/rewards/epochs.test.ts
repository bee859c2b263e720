import { join } from "node:path";
import {
  availabilityRewards,
  epochAt,
  epochBudget,
  epochOf,
  fromCbor,
  readStatement,
  receiptStatement,
  rewardDefaults,
  sharesOf,
  toCbor,
  toHex,
  type VerifiedEpoch,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runChecked } from "../../../../test/fixtures/checked-job.js";
import { present } from "../../../../test/fixtures/present.js";
import { downloadEpoch, listEpochs, verifyEpochFile } from "../../../../test/fixtures/requester.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { Worker } from "../checks/worker.js";

/** Looked at every 100 ms, and written and closed every 250 ms; the clock of tests moves by whole epochs. */
const epochMs = 1_000;
const rewards = { ...rewardDefaults, epochMs };

let pool: TestPool;
let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  [pool, folder] = [await startTestPool("off", { rewards }), await temporaryDirectory()];
});
afterEach(async () => {
  await pool.stop();
  await folder.remove();
});

/** Enrolled agents, each of an operator of its own, that have proven 1 SCU on each of two slots. */
async function provenAgents(count = 1): Promise<ScriptedAgent[]> {
  const agents: ScriptedAgent[] = [];
  for (let at = 0; at < count; at++) agents.push(await ScriptedAgent.enrolled(pool, { offer: { slots: 2 } }));
  const proven = "'proven', 'cpu', 2, 16000000000000, 200000000000, 1, 1000000, 4000000000000000";
  const rows = agents.map(({ id }) => `('\\x${id}', 0, ${proven})`).join();
  const columns = "agent, rated_at, reason, class, slots, fp32, memory, proven_at, slot_speed, expires_at";
  endEpoch(); // so that none ends while it is counted
  await pool.restart(`INSERT INTO ratings (${columns}) VALUES ${rows}`);
  return agents;
}

async function provenAgent(): Promise<ScriptedAgent> {
  return present((await provenAgents())[0]);
}

async function ready(agent: ScriptedAgent, leases = 1) {
  const link = await agent.connect();
  link.send({ type: "capacity", leases });
  await expect.poll(async () => (await pool.client.describe()).offers[0]?.slots ?? 0).toBeGreaterThan(0);
  return link;
}

const accountOf = ({ keys }: ScriptedAgent) => new Account(pool.client, keys.operator);
const epochNow = () => epochAt(pool.clock.now(), rewards).number;

/** What is written of an operator's only agent in the epoch that runs. */
async function counted(agent: ScriptedAgent) {
  const [line] = await accountOf(agent).attendances(epochNow());
  return line;
}

/** So much time passes, in which the agent counts as here. */
async function here(agent: ScriptedAgent, ms: number): Promise<void> {
  const before = (await counted(agent))?.available ?? 0;
  pool.clock.advance(ms);
  await expect.poll(async () => (await counted(agent))?.available).toBe(before + ms * 2_000);
}

/** Waits for the file of the newest epoch after `last`, and verifies it. */
async function closed(previous?: VerifiedEpoch): Promise<VerifiedEpoch> {
  const newest = async () => (await listEpochs(pool.client)).epochs[0]?.number ?? -1;
  await expect.poll(newest).toBeGreaterThan(previous?.header.epoch ?? -1);
  const number = await newest();
  const path = join(folder.path, `${number}.jsonl`);
  await downloadEpoch(pool.client, number, path);
  return verifyEpochFile(path, { pool: pool.client.key, previous });
}

/** The next epoch begins. */
function endEpoch(): void {
  pool.clock.advance(epochMs - (pool.clock.now() % epochMs));
}

const booksBalance = async () => expect((await pool.client.books()).sum).toBe(0n);

/** A task, done by `agent`; @returns the receipt's hash as public files have it, and its reward. */
async function work(agent: ScriptedAgent) {
  const requester = await ScriptedRequester.create(pool.client);
  const releaser = await requester.connect();
  await requester.submit(["a task"]);
  const done = agent.work();
  await requester.releaseNext(releaser);
  const receipt = await done;
  const { reward } = present(readStatement(receiptStatement, receipt));
  return { id: toHex(primitives.sha256(receipt.body)), reward: BigInt(reward) };
}

describe("an epoch that is over", () => {
  it("issues what its agents were available for, pays nothing twice, and says so in a file that adds up", async () => {
    const agent = await provenAgent();
    await ready(agent);
    await here(agent, 300);
    const { id, reward } = await work(agent);
    const salt = present(await counted(agent)).salt;
    endEpoch();
    const epoch = await closed();
    const issued = availabilityRewards([epochMs * 2_000], sharesOf(epoch.header), rewards)[0];
    expect(epoch.statement.issued).toBe(String(issued));
    expect(epoch.earned.get(agent.operator)).toBe(present(issued) + reward);
    expect(await accountOf(agent).balance("operator")).toBe(present(issued) + reward);
    const line = toHex(primitives.sha256(Buffer.from(salt, "hex"), Buffer.from(agent.id, "hex")));
    expect([epoch.ids.has(id), epoch.ids.has(line), epoch.ids.size]).toEqual([true, true, 2]);
    await booksBalance();
  });

  it("is followed by the next, which names it, though the pool was away and its clock was set back meanwhile", async () => {
    const agent = await provenAgent();
    await ready(agent);
    await here(agent, 200);
    endEpoch();
    const first = await closed();
    pool.clock.advance(-400);
    await pool.restart();
    await ready(agent);
    const { id } = await work(agent);
    pool.clock.advance(400 + 5 * epochMs);
    endEpoch();
    const second = await closed(first);
    expect([second.ids.has(id), second.header.previous]).toEqual([true, toHex(first.id)]);
    expect(second.earned.get(agent.operator)).toBe(await accountOf(agent).balance("operator"));
  });

  it("in which nobody was here has no file, and what is not issued in it never is", async () => {
    const agent = await provenAgent();
    endEpoch();
    endEpoch();
    await ready(agent);
    await here(agent, 100);
    endEpoch();
    const { header } = await closed();
    expect((await listEpochs(pool.client)).epochs).toHaveLength(1);
    expect(BigInt(header.budget)).toBe(epochBudget(epochOf(header.epoch, rewards), header.genesis, rewards));
  });

  it("pays held results when they are settled; each once, by the pool's word on it", async () => {
    const output = Buffer.from('\x01"right"');
    const workers = [await Worker.start(pool, output), await Worker.start(pool, output)];
    for (const worker of workers) worker.ms = 10;
    await runChecked(pool.url, 1, "quorum");
    endEpoch();
    const epoch = await closed();
    expect(epoch.rows).toEqual({ available: 0, work: 0, settled: 2 });
    for (const { account, agent } of workers) {
      for await (const { settlement } of account.earnings())
        expect(epoch.ids.has(toHex(primitives.sha256(toCbor(settlement))))).toBe(true);
      expect(epoch.earned.get(agent.operator)).toBe(await account.balance("operator"));
    }
    await runChecked(pool.url, 1, "quorum");
    endEpoch();
    expect((await closed(epoch)).rows.settled).toBe(2);
  });

  it("stands in the pool's log", async () => {
    const agent = await provenAgent();
    await ready(agent);
    await here(agent, 100);
    endEpoch();
    const { id } = await closed();
    const { logIndex } = present((await listEpochs(pool.client)).epochs[0]);
    const { entries } = (await pool.client.getJson(`/v1/log/entries?start=${logIndex}&limit=1`)) as {
      entries: string[];
    };
    expect(fromCbor(Buffer.from(present(entries[0]), "base64url"))).toEqual({
      kind: "epoch",
      epoch: Uint8Array.from(id),
    });
  });
});

describe("an agent is available", () => {
  it("from before a restart of the pool and after it, in the same epoch", async () => {
    const agent = await provenAgent();
    await ready(agent);
    await here(agent, 200);
    await pool.restart();
    await ready(agent);
    await here(agent, 100);
    expect((await counted(agent))?.available).toBe(600_000);
  });

  it("never for longer than thirty seconds that nobody looked, as when a clock jumps", async () => {
    const agent = await provenAgent();
    await ready(agent);
    const epoch = epochNow();
    pool.clock.advance(120_000);
    await expect.poll(async () => (await accountOf(agent).attendances(epoch))[0]?.available).toBe(2 * 30_000_000);
  });

  it("not at 1.25 times the reference price, nor while it asks for no work, nor without a proven speed", async () => {
    const [dear, idle, good] = (await provenAgents(3)) as [ScriptedAgent, ScriptedAgent, ScriptedAgent];
    dear.lend({ floorPrice: "3859" });
    const unproven = await ScriptedAgent.enrolled(pool);
    for (const agent of [dear, unproven, good]) await ready(agent);
    await ready(idle, 0);
    await here(good, 300);
    for (const agent of [dear, idle, unproven]) expect((await counted(agent))?.available ?? 0).toBe(0);
  });

  it("not at all in an epoch in which it declines, or accepts and gives back, more than it may", async () => {
    const [declining, honest] = (await provenAgents(2)) as [ScriptedAgent, ScriptedAgent];
    const link = await ready(declining, 2);
    await here(declining, 300);
    const requester = await ScriptedRequester.create(pool.client, { operators: [declining.operator] });
    await requester.connect();
    await requester.submit(["one", "two"]);
    const first = await link.next("offer");
    link.send({ type: "decline", number: first.number, fence: first.fence, reason: "leaving" });
    const { number, fence } = await declining.take();
    link.send({ type: "hand-back", number, fence, reason: "leaving" });
    await expect.poll(async () => (await counted(declining))?.missed).toBe(2);
    await ready(honest);
    await here(honest, 100);
    endEpoch();
    const { rows, earned } = await closed();
    expect(rows.available).toBe(1);
    expect([...earned.keys()]).toEqual([honest.operator]);
  });

  it("all the same where it gives back what its requester has spoilt, or the pool was started again with what it had not begun", async () => {
    const agent = await provenAgent();
    const link = await ready(agent, 2);
    await here(agent, 100);
    const requester = await ScriptedRequester.create(pool.client);
    await requester.connect();
    await requester.submit(["one", "two"]);
    const { number, fence } = await agent.take();
    link.send({ type: "hand-back", number, fence, reason: "key-mismatch" });
    await pool.restart();
    await ready(agent, 2);
    await here(agent, 100);
    expect(await counted(agent)).toMatchObject({ missed: 0, available: 400_000 });
  });

  it("to its operator alone to see", async () => {
    const [agent, other] = (await provenAgents(2)) as [ScriptedAgent, ScriptedAgent];
    await ready(agent);
    await here(agent, 100);
    expect(await accountOf(other).attendances(epochNow())).toEqual([]);
    const path = `/v1/accounts/operator/${agent.operator}/epochs/${epochNow()}`;
    await expect(pool.client.getJson(path)).rejects.toMatchObject({ code: "bad-signature" });
  });
});

it("a pool is not started with rewards that are out of bounds", async () => {
  const started = startTestPool("off", { rewards: { ...rewards, monthHours: 1 } });
  await expect(started).rejects.toThrow("monthHours is 1");
});

/** What a closing does to the database, in order; each is made to fail once. */
const steps: readonly [string, string, string][] = [
  ["says what it pays for", "epochs", "INSERT"],
  ["writes its file", "epoch_parts", "INSERT"],
  ["issues money", "transfers", "INSERT"],
  ["puts it into the log", "log_entries", "INSERT"],
  ["is signed", "epochs", "UPDATE"],
  ["adds up what operators have earned", "operator_earnings", "INSERT"],
];

it.each(steps)(
  "an epoch whose pool dies when it %s is closed at the next start, the same, and pays once",
  async (_, table, event) => {
    const agent = await provenAgent();
    await ready(agent);
    await here(agent, 300);
    const { id, reward } = await work(agent);
    await pool.break(
      `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dies here'; END $$;
     CREATE TRIGGER dies BEFORE ${event} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION die()`,
    );
    endEpoch();
    await pool.ended();
    await pool.restart(`DROP TRIGGER dies ON ${table}`);
    const epoch = await closed();
    const issued = BigInt(epoch.statement.issued);
    expect([epoch.ids.has(id), epoch.rows, issued > 0n]).toEqual([true, { available: 1, work: 1, settled: 0 }, true]);
    expect(await accountOf(agent).balance("operator")).toBe(issued + reward);
    await booksBalance();
  },
);
