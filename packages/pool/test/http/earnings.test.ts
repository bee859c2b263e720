import { accountRequest, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

/** An operator's agent with a slot for each of a job's tasks, and what is asked about it with the operator's key. */
async function scene(values: readonly string[]) {
  const keys = agentKeys();
  const ready = await ScriptedAgent.ready(pool(), { keys, leases: values.length });
  const requester = await ScriptedRequester.create(pool().client, { operators: [ready.agent.operator] });
  await requester.submit(values);
  return {
    ...ready,
    requester,
    releaser: await requester.connect(),
    account: new Account(pool().client, keys.operator),
  };
}

/** Runs the next task that the agent is offered, for so many ms by the pool's clock. */
async function run({ agent, link, requester, releaser }: Awaited<ReturnType<typeof scene>>, ms: number) {
  const task = await agent.take();
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task));
  pool().clock.advance(ms);
  link.send(agent.result(task, keys));
  await link.next("settled");
  return task.number;
}

async function asOperator<T>({ agent }: Awaited<ReturnType<typeof scene>>, path: string): Promise<T> {
  const { operator } = agent.keys;
  const statement = { account: operator.publicKey, pool: pool().client.key, method: "GET", path };
  const signed = signStatement(accountRequest, { ...statement, signedAt: pool().clock.now() }, operator);
  const authorization = `Aegis ${Buffer.from(toCbor(signed)).toString("base64url")}`;
  return (await (await fetch(new URL(path, pool().url), { headers: { authorization } })).json()) as T;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("an operator's earnings", () => {
  it("are the tasks that its agents have run, each with a receipt that verifies, in the order of payment", async () => {
    const market = await scene(["a", "b"]);
    const numbers = [await run(market, 2_000), await run(market, 1_000)];
    const earnings = await all(market.account.earnings());
    const receipts = earnings.map(({ verified }) => present(verified).receipt);
    expect(receipts.map(({ number }) => number)).toEqual(numbers);
    const earned = receipts.reduce((sum, { reward }) => sum + BigInt(reward), 0n);
    expect(earned).toBeGreaterThan(0n);
    expect(await market.account.balance("operator")).toBe(earned);
  });

  it("are nobody else's business, one by one or in a list", async () => {
    const market = await scene(["a"]);
    const number = await run(market, 1_000);
    const stranger = new Account(pool().client, createEd25519Signer());
    expect(await all(stranger.earnings())).toEqual([]);
    await expect(stranger.ownTask(number)).rejects.toMatchObject({ code: "not-found" });
    await expect(market.account.ownTask(number + 1)).rejects.toMatchObject({ code: "not-found" });
    const path = `/v1/accounts/operator/${market.account.id}/earnings`;
    for (const each of [path, `${path}/${number}`]) expect((await fetch(new URL(each, pool().url))).status).toBe(403);
  });

  it("come page by page", async () => {
    const market = await scene(["a", "b", "c"]);
    for (const ms of [1_000, 1_000, 1_000]) await run(market, ms);
    const path = `/v1/accounts/operator/${market.account.id}/earnings`;
    const page = async (query: string) => {
      const { tasks } = await asOperator<{ tasks: { line: number }[] }>(market, `${path}?${query}`);
      return tasks.map(({ line }) => line);
    };
    const [first, second, ...more] = await page("limit=2");
    expect(more).toEqual([]);
    expect(await page(`limit=2&after=${second}`)).toHaveLength(1);
    expect(await page(`limit=2&after=${first}`)).toContain(second);
    expect(await all(market.account.earnings())).toHaveLength(3);
  });
});

describe("why a task was paid or not", () => {
  it("is told for a lease that ended without a result, and for the one that brought it", async () => {
    const market = await scene(["a"]);
    const { agent, link, requester, releaser, account } = market;
    const lost = await agent.take();
    await requester.matched(releaser);
    link.send({ type: "hand-back", number: lost.number, fence: lost.fence, reason: "leaving" });
    const id = toHex(agent.keys.agent.publicKey);
    const number = await run(market, 1_000);
    expect(number).toBe(lost.number);
    const own = await account.ownTask(number);
    expect(own.ended).toMatchObject([{ agent: id, fence: 1, event: "handBack" }]);
    expect(own.earning?.verified?.receipt).toMatchObject({ number, fence: 2, payment: "paid" });
    expect(own.holder).toBeUndefined();
  });

  it("names the agent that has it now", async () => {
    const { agent, account } = await scene(["a"]);
    const { number } = await agent.take();
    expect(await account.ownTask(number)).toMatchObject({ holder: agent.id, ended: [], earning: undefined });
  });

  it("is told of a task whose requester cancelled it", async () => {
    const { agent, link, requester, account } = await scene(["a"]);
    const { number } = await agent.take();
    await requester.client.cancel(requester.secret.signer);
    await link.next("revoke");
    await expect.poll(async () => (await account.ownTask(number)).ended).toMatchObject([{ event: "cancel" }]);
  });
});
