import { ratingRules } from "@aegis-pool/core";
import { expect, describe, it, onTestFinished } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import type { AgentLink, ScriptedAgent, TakenTask } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { answer, challenged, ratings, taskFor } from "./speed.js";

interface Worker {
  readonly agent: ScriptedAgent;
  readonly link: AgentLink;
}

/** A pool, and three agents of different operators that have proven the same speed. */
async function threeProven() {
  const pool = await startTestPool(ratings);
  onTestFinished(() => pool.stop());
  const workers: Worker[] = [];
  for (let number = 0; number < 3; number++) {
    const { agent, link, asked } = await challenged(pool);
    await answer(pool, link, asked, { ms: 10_000 }); // of which network time is at most a hundredth
    workers.push({ agent, link });
  }
  return { pool, workers: workers as [Worker, Worker, Worker] };
}

/** Three jobs with three tasks for each worker; the first worker takes `slow` times as long as the others. */
async function realWork(pool: TestPool, workers: readonly Worker[], slow: number, { jobs = 3, ms = 2_000 } = {}) {
  for (let job = 0; job < jobs; job++) {
    const requester = await ScriptedRequester.create(pool.client);
    const releaser = await requester.connect();
    for (let round = 0; round < 3; round++) {
      await requester.submit(workers.map((_, index) => index));
      const tasks: TakenTask[] = [];
      for (const { agent, link } of workers) tasks.push(await agent.take(link));
      const results = [];
      for (const [index, { agent, link }] of workers.entries()) {
        await requester.releaseNext(releaser);
        const task = present(tasks[index]);
        results.push(agent.result(task, present(await agent.keysOf(task, link))));
      }
      pool.clock.advance(ms);
      for (const index of [1, 2, 0]) {
        if (index === 0) pool.clock.advance(ms * (slow - 1));
        const { link } = present(workers[index]);
        link.send(present(results[index]));
        await link.next("settled");
      }
    }
    await releaser.close();
  }
}

const historyOf = (pool: TestPool, { agent }: Worker) => pool.client.ratingsOf(agent.id);

describe("real work", () => {
  it("lowers the rating of an agent that is slower at it than it has proven, with its reason, and of no other", async () => {
    const { pool, workers } = await threeProven();
    const [slow, other] = workers;
    await realWork(pool, workers, 1.25);
    pool.clock.advance(60_000);
    const { slotSpeed } = await slow.link.next("rated");
    const [observed, proven] = await historyOf(pool, slow);
    expect([observed?.reason, proven?.reason]).toEqual(["observed", "proven"]);
    expect(slotSpeed).toBe(observed?.slotSpeed);
    expect(slotSpeed / present(proven).slotSpeed).toBeCloseTo(0.8, 1);
    expect(observed).toMatchObject({ fp32: proven?.fp32, provenAt: proven?.provenAt, expiresAt: proven?.expiresAt });
    expect((await historyOf(pool, other)).map(({ reason }) => reason)).toEqual(["proven"]);
  });

  it("is remembered when the agent proves its speed once more", async () => {
    const { pool, workers } = await threeProven();
    const [slow] = workers;
    await realWork(pool, workers, 1.25);
    pool.clock.advance(60_000);
    await slow.link.next("rated");
    pool.clock.advance(ratingRules.lastsMs);
    await answer(pool, slow.link, await slow.link.next("speed-challenge"), { ms: 10_000 });
    await slow.link.next("rated");
    const history = await historyOf(pool, slow);
    expect(history.map(({ reason }) => reason).slice(0, 2)).toEqual(["observed", "proven"]);
    expect(present(history[0]).slotSpeed / present(history[1]).slotSpeed).toBeCloseTo(0.8, 1);
  });

  it("survives a restart of the pool", async () => {
    const { pool, workers } = await threeProven();
    const [slow] = workers;
    await realWork(pool, workers, 1.25);
    pool.clock.advance(60_000);
    const { slotSpeed } = await slow.link.next("rated");
    for (const { link } of workers) await link.close();
    await pool.restart();
    const again = await slow.agent.connect();
    expect((await pool.client.describe()).offers).toMatchObject([{ speed: slotSpeed }]);
    await again.close();
  });
});

describe("a proof that has expired", () => {
  it("keeps new work from an agent that is never free, until it has given another", async () => {
    const { pool, workers } = await threeProven();
    const [busy] = workers;
    const { requester, releaser } = await taskFor(pool, busy.agent, { timeLimitMs: 7 * ratingRules.lastsMs });
    busy.link.send({ type: "capacity", leases: 5 });
    const task = await busy.agent.take(busy.link);
    await requester.releaseNext(releaser);
    const keys = present(await busy.agent.keysOf(task, busy.link));
    pool.clock.advance(ratingRules.lastsMs + 3_600_000);
    await expect.poll(() => pool.log.lines.some((line) => line.includes("agent drains"))).toBe(true);
    await requester.submit(["another"]);
    await pool.client.describe();
    expect(busy.link.unread("offer")).toBe(0);
    busy.link.send(busy.agent.result(task, keys));
    await answer(pool, busy.link, await busy.link.next("speed-challenge"));
    expect((await busy.agent.take(busy.link)).fence).toBe(1);
  });
});
