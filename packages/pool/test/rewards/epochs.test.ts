import { availabilityRewards, epochBudget, epochOf, fromCbor, sharesOf, toCbor, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runChecked } from "../../../../test/fixtures/checked-job.js";
import { present } from "../../../../test/fixtures/present.js";
import { listEpochs } from "../../../../test/fixtures/requester.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { startTestPool } from "../../../../test/fixtures/test-pool.js";
import { Worker } from "../checks/worker.js";
import { epochMs, RewardedPool, rewards } from "./rewarded-pool.js";

let rewarded: RewardedPool;
beforeEach(async () => {
  rewarded = await RewardedPool.start();
});
afterEach(() => rewarded.stop());

describe("an epoch that is over", () => {
  it("issues what its agents were available for, pays nothing twice, and says so in a file that adds up", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 300);
    const { id, reward } = await rewarded.work(agent);
    const salt = present(await rewarded.counted(agent)).salt;
    rewarded.endEpoch();
    const epoch = await rewarded.closed();
    const issued = availabilityRewards([epochMs * 2_000], sharesOf(epoch.header), rewards)[0];
    expect(epoch.statement.issued).toBe(String(issued));
    expect(epoch.totals.earned.get(agent.operator)).toBe(present(issued) + reward);
    expect(await rewarded.accountOf(agent).balance("operator")).toBe(present(issued) + reward);
    const line = toHex(primitives.sha256(Buffer.from(salt, "hex"), Buffer.from(agent.id, "hex")));
    expect([epoch.ids.has(id), epoch.ids.has(line), epoch.ids.size]).toEqual([true, true, 2]);
    expect(await rewarded.inAllAccounts()).toBe(0n);
  });

  it("is followed by the next, which names it, though the pool was away and its clock was set back meanwhile", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 200);
    rewarded.endEpoch();
    const first = await rewarded.closed();
    rewarded.pool.clock.advance(-400);
    await rewarded.pool.restart();
    await rewarded.ready(agent);
    const { id } = await rewarded.work(agent);
    rewarded.pool.clock.advance(400 + 5 * epochMs);
    rewarded.endEpoch();
    const second = await rewarded.closed(first);
    expect([second.ids.has(id), second.header.previous]).toEqual([true, toHex(first.id)]);
    expect(second.totals.earned.get(agent.operator)).toBe(await rewarded.accountOf(agent).balance("operator"));
  });

  it("in which nobody was here has no file, and what is not issued in it never is", async () => {
    const agent = await rewarded.provenAgent();
    rewarded.endEpoch();
    rewarded.endEpoch();
    await rewarded.pool.restart(); // which counts from now on
    const first = rewarded.epochNow;
    await rewarded.ready(agent);
    await rewarded.here(agent, 10);
    rewarded.endEpoch();
    const { header } = await rewarded.closed();
    expect((await listEpochs(rewarded.pool.client)).epochs.map(({ number }) => number)).toEqual([first]);
    expect(BigInt(header.budget)).toBe(epochBudget(epochOf(header.epoch, rewards), header.genesis, rewards));
  });

  it("pays held results when they are settled; each once, by the pool's word on it", async () => {
    const output = Buffer.from('\x01"right"');
    const workers = [await Worker.start(rewarded.pool, output), await Worker.start(rewarded.pool, output)];
    for (const worker of workers) worker.ms = 10;
    await runChecked(rewarded.pool.url, 1, "quorum");
    rewarded.endEpoch();
    const epoch = await rewarded.closed();
    expect(epoch.rows).toEqual({ available: 0, work: 0, settled: 2, payout: 0 });
    for (const { account, agent } of workers) {
      for await (const { settlement } of account.earnings())
        expect(epoch.ids.has(toHex(primitives.sha256(toCbor(settlement))))).toBe(true);
      expect(epoch.totals.earned.get(agent.operator)).toBe(await account.balance("operator"));
    }
    await runChecked(rewarded.pool.url, 1, "quorum");
    rewarded.endEpoch();
    expect((await rewarded.closed(epoch)).rows.settled).toBe(2);
  });

  it("stands in the pool's log", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 100);
    rewarded.endEpoch();
    const { id } = await rewarded.closed();
    const { logIndex } = present((await listEpochs(rewarded.pool.client)).epochs[0]);
    const { entries } = (await rewarded.pool.client.getJson(`/v1/log/entries?start=${logIndex}&limit=1`)) as {
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
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 200);
    await rewarded.pool.restart();
    await rewarded.ready(agent);
    await rewarded.here(agent, 100);
    expect((await rewarded.counted(agent))?.available).toBe(600_000);
  });

  it("in the next epoch where this one is being closed already, as when a clock was set back and the pool died meanwhile", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 300);
    const epoch = rewarded.epochNow;
    const columns = "number, last_line, last_settled, reference_price";
    await rewarded.pool.restart(`INSERT INTO epochs (${columns}) VALUES (${epoch}, 0, 0, 3087)`);
    await rewarded.ready(agent);
    rewarded.pool.clock.advance(100);
    const available = async (of: number) => (await rewarded.accountOf(agent).attendances(of))[0]?.available ?? 0;
    await expect.poll(() => available(epoch + 1)).toBe(200_000);
    expect(await available(epoch)).toBe(600_000);
    expect((await rewarded.closed()).rows.available).toBe(1);
  });

  it("never for longer than thirty seconds that nobody looked, as when a clock jumps", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    const epoch = rewarded.epochNow;
    rewarded.pool.clock.advance(120_000);
    await expect
      .poll(async () => (await rewarded.accountOf(agent).attendances(epoch))[0]?.available)
      .toBe(2 * 30_000_000);
  });

  it("not at 1.25 times the reference price, nor while it asks for no work, nor without a proven speed", async () => {
    const [dear, idle, good] = (await rewarded.provenAgents(3)) as [ScriptedAgent, ScriptedAgent, ScriptedAgent];
    dear.lend({ floorPrice: "3859" });
    const unproven = await ScriptedAgent.enrolled(rewarded.pool);
    for (const agent of [dear, unproven, good]) await rewarded.ready(agent);
    await rewarded.ready(idle, 0);
    await rewarded.here(good, 300);
    for (const agent of [dear, idle, unproven]) expect((await rewarded.counted(agent))?.available ?? 0).toBe(0);
  });

  it("not at all in an epoch in which it declines, or accepts and gives back, more than it may", async () => {
    const [declining, honest] = (await rewarded.provenAgents(2)) as [ScriptedAgent, ScriptedAgent];
    const link = await rewarded.ready(declining, 2);
    await rewarded.here(declining, 300);
    const requester = await ScriptedRequester.create(rewarded.pool.client, { operators: [declining.operator] });
    await requester.connect();
    await requester.submit(["one", "two"]);
    const first = await link.next("offer");
    link.send({ type: "decline", number: first.number, fence: first.fence, reason: "leaving" });
    const { number, fence } = await declining.take();
    link.send({ type: "hand-back", number, fence, reason: "leaving" });
    await expect.poll(async () => (await rewarded.counted(declining))?.missed).toBe(2);
    await rewarded.ready(honest);
    await rewarded.here(honest, 100);
    rewarded.endEpoch();
    const { rows, totals } = await rewarded.closed();
    expect(rows.available).toBe(1);
    expect([...totals.earned.keys()]).toEqual([honest.operator]);
  });

  it("all the same where it gives back what its requester has spoilt, or the pool was started again with what it had not begun", async () => {
    const agent = await rewarded.provenAgent();
    const link = await rewarded.ready(agent, 2);
    await rewarded.here(agent, 100);
    const requester = await ScriptedRequester.create(rewarded.pool.client);
    await requester.connect();
    await requester.submit(["one", "two"]);
    const { number, fence } = await agent.take();
    link.send({ type: "hand-back", number, fence, reason: "key-mismatch" });
    await rewarded.pool.restart();
    await rewarded.ready(agent, 2);
    await rewarded.here(agent, 100);
    expect(await rewarded.counted(agent)).toMatchObject({ missed: 0, available: 400_000 });
  });

  it("to its operator alone to see", async () => {
    const [agent, other] = (await rewarded.provenAgents(2)) as [ScriptedAgent, ScriptedAgent];
    await rewarded.ready(agent);
    await rewarded.here(agent, 100);
    expect(await rewarded.accountOf(other).attendances(rewarded.epochNow)).toEqual([]);
    const path = `/v1/accounts/operator/${agent.operator}/epochs/${rewarded.epochNow}`;
    await expect(rewarded.pool.client.getJson(path)).rejects.toMatchObject({ code: "bad-signature" });
  });
});

it("a pool keeps the rewards that it began with: it is not started with others", async () => {
  const others = `UPDATE reward_terms SET parameters = replace(parameters, '"epochMs":1000', '"epochMs":2000')`;
  await expect(rewarded.pool.restart(others)).rejects.toMatchObject({ code: "bad-argument" });
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
  ["pays out", "epoch_payouts", "INSERT"],
  ["is signed", "epochs", "UPDATE OF statement"],
  ["adds up what operators have earned", "operator_earnings", "INSERT"],
];

it.each(steps)(
  "an epoch whose pool dies when it %s is closed at the next start, the same, and pays once",
  async (_, table, event) => {
    const agent = await rewarded.payableAgent();
    await rewarded.here(agent, 300);
    const { id, reward } = await rewarded.work(agent);
    await rewarded.pool.alter(
      `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dies here'; END $$;
     CREATE TRIGGER dies BEFORE ${event} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION die()`,
    );
    rewarded.endEpoch();
    await rewarded.pool.ended();
    await rewarded.pool.restart(`DROP TRIGGER dies ON ${table}`);
    const epoch = await rewarded.closed();
    const issued = BigInt(epoch.statement.issued);
    expect([epoch.ids.has(id), epoch.rows, issued > 0n]).toEqual([
      true,
      { available: 1, work: 1, settled: 0, payout: 1 },
      true,
    ]);
    expect([...epoch.totals.claimable.values()]).toEqual([issued + reward]);
    expect((await rewarded.pool.client.books()).totals.get("claimable")).toBe(issued + reward);
    expect(await rewarded.inAllAccounts()).toBe(0n);
  },
);
