import { readStatement, receiptStatement, toHex } from "@aegis-pool/core";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";

const mebibyte = 1024 ** 2;
const requirements = {
  ...{ engine: "webgpu" as const, memoryBytes: 64 * mebibyte, timeLimitMs: 60_000, outputBytes: mebibyte },
};
const partOf = (thousandths: number, memoryBytes = 0) => ({
  requirements: { ...requirements, card: { thousandths, memoryBytes } },
});

let pool: TestPool;
afterEach(() => pool.stop());

/** An agent that lends half a card, and a requester whose releaser is there. */
async function halfACard() {
  pool = await startTestPool();
  const card = { thousandths: 500, memoryBytes: 4 * 1024 * mebibyte };
  const ready = await ScriptedAgent.ready(pool, { offer: { class: "webgpu", engines: ["webgpu"], card } });
  const requester = await ScriptedRequester.create(pool.client);
  const releaser = await requester.connect();
  return { ...ready, requester, releaser };
}

/** How many cards are offered, by price. */
async function offered(): Promise<number[] | undefined> {
  const books = await pool.client.orderBooks();
  return books.find((book) => book.class === "webgpu")?.offers.map(({ count }) => count);
}

describe("half a card", () => {
  it("runs as many tasks at once as fit, and the next when one has ended", async () => {
    const { agent, link, requester, releaser } = await halfACard();
    await requester.submit(["one", "two", "three"], partOf(200));
    const [first, second] = [await agent.take(), await agent.take()];
    await requester.releaseNext(releaser);
    await requester.releaseNext(releaser);
    expect([first, second].map(({ number }) => number)).toHaveLength(2);
    const keys = present(await agent.keysOf(first));
    expect(link.unread("offer")).toBe(0);
    agent.answer(first, keys);
    expect((await agent.take()).manifest.requirements.card).toEqual({ thousandths: 200, memoryBytes: 0 });
  });

  it("counts, and is paid for, as much of its speed as of its time", async () => {
    const { agent, link, requester, releaser } = await halfACard();
    const speeds: number[] = [];
    for (const change of [{ requirements }, partOf(125)]) {
      await requester.submit(["task"], change);
      const task = await agent.take();
      await requester.releaseNext(releaser);
      const keys = present(await agent.keysOf(task));
      pool.clock.advance(1_000);
      agent.answer(task, keys);
      const { receipt } = await link.next("settled");
      speeds.push(present(readStatement(receiptStatement, receipt)).work);
    }
    expect(speeds).toEqual([20_000, 5_000]);
  });

  it("takes a task that needs all that is lent when nothing else runs there, and nothing beside it", async () => {
    const { agent, link, requester, releaser } = await halfACard();
    await requester.submit(["part"], partOf(100));
    const part = await agent.take();
    await requester.releaseNext(releaser);
    await requester.submit(["whole"], { requirements });
    const keys = present(await agent.keysOf(part));
    expect(link.unread("offer")).toBe(0);
    agent.answer(part, keys);
    const whole = await agent.take();
    expect(whole.manifest.requirements.card).toBeUndefined();
    await requester.releaseNext(releaser);
    await requester.submit(["late"], partOf(100));
    expect(await agent.keysOf(whole)).toBeDefined();
    expect(link.unread("offer")).toBe(0);
  });

  it("is in the order book as long as any of it is free", async () => {
    const { agent, requester } = await halfACard();
    expect(await offered()).toEqual([1]);
    await requester.submit(["part"], partOf(300));
    await agent.take();
    expect(await offered()).toEqual([1]);
    await requester.submit(["rest"], partOf(200));
    await agent.take();
    expect(await offered()).toEqual([]);
  });

  it("is given no task in advance that needs all of it while parts are lent, though the job's tasks are short", async () => {
    const { agent, link, requester, releaser } = await halfACard();
    link.send({ type: "capacity", leases: 5 });
    await requester.submit(["warm-up"], { requirements });
    const first = await agent.take();
    await requester.releaseNext(releaser);
    agent.answer(first, present(await agent.keysOf(first)), { statement: { ranMs: 5 } });
    await link.next("settled");
    await requester.submit(["part"], partOf(100));
    const part = await agent.take();
    link.send({ type: "capacity", leases: 4 }, { type: "accept", number: 1, fence: 1 });
    await link.next("refused"); // so all that was said before has been heard
    await requester.submit(["whole"], { requirements });
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(part));
    expect(link.unread("offer")).toBe(0);
    agent.answer(part, keys, { statement: { ranMs: 5 } });
    expect((await agent.take()).manifest.requirements.card).toBeUndefined();
  });

  it("is not enough for a larger part, nor for one with more memory, and says so", async () => {
    const { requester } = await halfACard();
    await requester.submit(["large"], partOf(501));
    await requester.submit(["much memory"], partOf(100, 1_024 * mebibyte));
    await expect
      .poll(() => pool.client.whyWaiting(requester.secret.signer))
      .toMatchObject([{ agents: { card: 1 } }, { agents: { card: 1 } }]);
  });

  it("serves no task whose requirements are at odds: it is refused at once", async () => {
    const { requester } = await halfACard();
    const { requirements: part } = partOf(100);
    for (const wrong of [
      { ...part, engine: "js" as const },
      { ...part, gang: { number: 1, size: 2 } },
    ]) {
      await expect(requester.submit(["task"], { requirements: wrong })).rejects.toMatchObject({
        code: "bad-argument",
        message: expect.stringMatching(/No machine can meet the requirements of task \d+/) as string,
      });
    }
  });

  it("is as free after a restart of the pool as what its agent still runs leaves it", async () => {
    const { agent, requester, releaser } = await halfACard();
    await requester.submit(["runs on"], partOf(400));
    const task = await agent.take();
    await requester.releaseNext(releaser);
    expect(await agent.keysOf(task)).toBeDefined();
    await pool.restart();
    const link = await agent.connect([task]);
    link.send({ type: "capacity", leases: 1 });
    await requester.connect();
    await requester.submit(["too large"], partOf(200));
    await requester.submit(["fits"], partOf(100));
    const next = await agent.take();
    expect(next.manifest.requirements.card?.thousandths).toBe(100);
    expect(toHex(next.manifest.job)).toBe(requester.id);
  });
});
