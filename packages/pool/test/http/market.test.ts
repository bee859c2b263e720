import { describe, expect, it } from "vitest";
import { toHex } from "@aegis-pool/core";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

async function bookOf(lent: "cpu" | "webgpu") {
  const books = await pool().client.orderBooks();
  return books.find((book) => book.class === lent);
}

describe("the order book", () => {
  it("shows free slots and waiting tasks by price, and what the last leases cost", async () => {
    const { agent } = await ScriptedAgent.ready(pool(), { leases: 2 });
    await expect.poll(() => bookOf("cpu")).toMatchObject({ offers: [{ price: 3_000, count: 2 }], bids: [] });
    const job = await ScriptedRequester.create(pool().client, { operators: ["ab".repeat(32)] });
    await job.connect();
    await job.submit(["a", "b", "c"]);
    expect(await bookOf("cpu")).toMatchObject({ bids: [{ price: 4_000, count: 3 }] });
    const own = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    await own.connect();
    await own.submit(["d"]);
    await agent.take();
    expect(await bookOf("cpu")).toMatchObject({
      offers: [{ price: 3_000, count: 1 }],
      last: { count: 1, median: 3_000, high: 3_000 },
    });
    expect(await bookOf("webgpu")).toEqual({ class: "webgpu", offers: [], bids: [] });
  });

  it("leaves out jobs that nobody answers for: their tasks are not in the market", async () => {
    const before = await bookOf("cpu");
    const job = await ScriptedRequester.create(pool().client, { maxPrice: 9_999n });
    await job.submit(["alone"]);
    expect((await bookOf("cpu"))?.bids).toEqual(before?.bids);
  });
});

describe("why", () => {
  it("a job waits is told to its requester: what keeps it from all agents, and from one", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { maxPrice: 2_999n });
    await job.connect();
    await job.submit(["cheap"]);
    const key = toHex(agent.keys.agent.publicKey);
    const [waiting] = await pool().client.whyWaiting(job.secret.signer, key);
    expect(waiting).toMatchObject({ tasks: 1, maxPrice: 2_999, agent: "price" });
    expect(waiting?.agents.price).toBeGreaterThanOrEqual(1);
    const [unknown] = await pool().client.whyWaiting(job.secret.signer, "ef".repeat(32));
    expect(unknown?.agent).toBeUndefined();
    await pool().client.cancel(job.secret.signer);
  });

  it("work waits is counted by filter, over all that waits and all who could, for those who watch the pool", async () => {
    await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { maxPrice: 2_998n });
    await job.connect();
    await job.submit(["cheap"]);
    const pairs = async () => {
      const text = await (await fetch(new URL("/metrics", pool().url))).text();
      return Number(/^aegis_pairs\{reason="price"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await pairs();
    expect(before).toBeGreaterThanOrEqual(1);
    await pool().client.cancel(job.secret.signer);
    expect(await pairs()).toBeLessThan(before);
  });

  it("a job waits is told to nobody else", async () => {
    const [job, other] = [await ScriptedRequester.create(pool().client), await ScriptedRequester.create(pool().client)];
    const path = `/v1/jobs/${toHex(job.secret.signer.publicKey)}/why`;
    const authorization = pool().client.authorization(other.secret.signer, "GET", path);
    const answer = await fetch(new URL(path, pool().url), { headers: { authorization } });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: "bad-signature" } }]);
  });

  it("an agent is idle is told to whoever asks, in numbers alone", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { operators: ["ab".repeat(32)] });
    await job.connect();
    await job.submit(["not yours"]);
    const counts = await pool().client.whyIdle(toHex(agent.keys.agent.publicKey));
    expect(counts.operator).toBeGreaterThanOrEqual(1);
    expect(await pool().client.whyIdle("ef".repeat(32))).toEqual({ fits: 0 });
  });
});
