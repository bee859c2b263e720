import { readStatement, receiptStatement, toHex } from "@aegis-pool/core";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, type AgentLink, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";

type Member = Awaited<ReturnType<typeof ScriptedAgent.ready>>;

let pool: TestPool;
const stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
});

/** Agents of one operator, and a requester who wants gangs of two on these alone. */
async function gangOfTwo({ agents = 2, leases = 1 } = {}) {
  pool = await startTestPool();
  stop.push(() => pool.stop());
  const keys = agentKeys();
  const members: Member[] = [];
  for (let count = 0; count < agents; count++) {
    members.push(await ScriptedAgent.ready(pool, { keys: { ...agentKeys(), operator: keys.operator }, leases }));
  }
  const operators = [toHex(keys.operator.publicKey)];
  const requester = await ScriptedRequester.create(pool.client, { operators, gang: 2 });
  const releaser = await requester.connect();
  return { members, requester, releaser };
}

const both = ([first, second]: readonly Member[]) => [present(first), present(second)] as const;

/** Waits until this is what is said of the tasks that wait. */
async function waits({ secret }: ScriptedRequester, why: object): Promise<void> {
  await expect.poll(() => pool.client.whyWaiting(secret.signer)).toMatchObject(why);
}

/** Waits until the pool has read all that was sent before. */
async function seen(link: AgentLink): Promise<void> {
  link.send({ type: "accept", number: 1, fence: 1 });
  await link.next("refused", ({ number }) => number === 1);
}

describe("a gang", () => {
  it("is offered to as many agents, though one has room for all, and its requester hears of no match before the last has accepted", async () => {
    const { members, requester, releaser } = await gangOfTwo({ leases: 2 });
    const [first, second] = both(members);
    await requester.submit(["one", "two"]);
    const taken = await first.agent.take();
    expect(first.link.unread("offer")).toBe(0);
    expect(await releaser.next("progress", ({ counts }) => counts.matched === 2)).toBeDefined();
    expect(releaser.unread("matched")).toBe(0);
    await second.agent.take();
    const matches = [await requester.matched(releaser), await requester.matched(releaser)];
    for (const match of matches) releaser.send(await requester.release(match));
    expect(await first.agent.keysOf(taken)).toBeDefined();
  });

  it("pays 30% more than its agents ask for, as complex work does; its requester sees that in receipts", async () => {
    const { members, requester, releaser } = await gangOfTwo();
    const [first, second] = both(members);
    await requester.submit(["one", "two"]);
    const taken = await Promise.all([first.agent.take(), second.agent.take()]);
    const matches = [await requester.matched(releaser), await requester.matched(releaser)];
    for (const match of matches) releaser.send(await requester.release(match));
    const [task] = taken;
    first.agent.answer(task, present(await first.agent.keysOf(task)));
    const { receipt } = await first.link.next("settled");
    const { price, charge, work } = present(readStatement(receiptStatement, receipt));
    expect(price).toBe("3900"); // for a floor of 3,000
    expect(BigInt(charge)).toBe((BigInt(work) * BigInt(price) + 999_999n) / 1_000_000n);
  });

  it("that one agent declines goes back whole, and its others are freed without blame", async () => {
    const { members, requester, releaser } = await gangOfTwo({ agents: 3 });
    await requester.submit(["one", "two"]);
    const [first, second, third] = [...both(members), present(members[2])];
    const { number, fence } = await first.agent.take();
    const offered = await second.link.next("offer");
    second.link.send({ type: "decline", number: offered.number, fence: offered.fence, reason: "busy" });
    expect(await first.link.next("revoke")).toMatchObject({ number, fence, reason: "gang-dissolved" });
    expect(releaser.unread("matched")).toBe(0);
    await Promise.all([first.agent.take(), third.agent.take()]); // the one that declined is left alone
    expect(second.link.unread("offer")).toBe(0);
    await requester.matched(releaser);
    await requester.matched(releaser);
  });

  it("whose agent vanishes after it has accepted goes back whole; that agent is left alone, longer each time", async () => {
    const { members, requester } = await gangOfTwo();
    const [first, second] = both(members);
    await requester.submit(["one", "two"]);
    await first.agent.take();
    await second.link.next("offer");
    await second.link.close();
    expect(await first.link.next("revoke")).toMatchObject({ reason: "gang-dissolved" });
    const back = await second.agent.connect();
    back.send({ type: "capacity", leases: 1 });
    await waits(requester, [{ tasks: 2, agents: { gang: 1, busy: 1 } }]);
    pool.clock.advance(1_000);
    await Promise.all([first.agent.take(), second.agent.take()]);
  });

  it("cannot be released in part: a key before the last has accepted is refused", async () => {
    const { members, requester, releaser } = await gangOfTwo();
    const [first] = both(members);
    await requester.submit(["one", "two"]);
    const { number, fence } = await first.agent.take();
    const keyless = { encapsulated: new Uint8Array(32), sealed: new Uint8Array(64) };
    releaser.send({ type: "release", number, fence, ...keyless });
    expect(await releaser.next("progress", ({ counts }) => counts.matched === 2)).toBeDefined();
    await seen(first.link);
    expect(first.link.unread("key")).toBe(0);
  });

  it("that has begun goes on: what one agent loses begins again by itself", async () => {
    const { members, requester, releaser } = await gangOfTwo();
    const [first, second] = both(members);
    await requester.submit(["one", "two"]);
    const [taken, lost] = await Promise.all([first.agent.take(), second.agent.take()]);
    await requester.releaseNext(releaser);
    await requester.releaseNext(releaser);
    const keys = present(await first.agent.keysOf(taken));
    await second.agent.keysOf(lost);
    second.link.send({ type: "hand-back", number: lost.number, fence: lost.fence, reason: "leaving" });
    expect(await second.agent.take()).toMatchObject({ number: lost.number, fence: 2 });
    await requester.releaseNext(releaser);
    first.link.send(first.agent.result(taken, keys));
    expect(await first.link.next("settled")).toMatchObject({ number: taken.number });
    expect(first.link.unread("revoke")).toBe(0);
  });

  it("that had begun when the pool stopped goes on too, and one that had not begins together", async () => {
    const { members, requester, releaser } = await gangOfTwo();
    const [first, second] = both(members);
    await requester.submit(["one", "two"]);
    const [taken, lost] = await Promise.all([first.agent.take(), second.agent.take()]);
    await requester.releaseNext(releaser);
    await requester.releaseNext(releaser);
    first.link.send(first.agent.result(taken, present(await first.agent.keysOf(taken))));
    await first.link.next("settled");
    await second.agent.keysOf(lost);
    await pool.restart();
    const link = await second.agent.connect();
    link.send({ type: "capacity", leases: 1 });
    const again = await requester.connect();
    expect(await second.agent.take(link)).toMatchObject({ number: lost.number, fence: 2 });
    await requester.releaseNext(again);
    expect(await again.next("progress", ({ counts }) => counts.running === 1)).toBeDefined();
  });

  it("is refused more tasks than it says", async () => {
    const { requester } = await gangOfTwo();
    await requester.submit(["one", "two"]);
    await expect(requester.submit(["three", "four"])).rejects.toMatchObject({ code: "bad-argument" });
    const { queued, matched } = (await pool.client.job(requester.secret.signer)).counts;
    expect(queued + matched).toBe(2);
  });

  it("that no two agents are there for waits, and its requester is told what is missing", async () => {
    const { requester, members } = await gangOfTwo({ agents: 1 });
    await requester.submit(["one", "two"]);
    const why = await pool.client.whyWaiting(requester.secret.signer);
    expect(why).toMatchObject([{ tasks: 2, agents: { gang: 1 } }]);
    expect(present(members[0]).link.unread("offer")).toBe(0);
  });
});

it("an agent that takes tasks and vanishes, again and again, is left alone for longer each time", async () => {
  pool = await startTestPool();
  stop.push(() => pool.stop());
  const { agent, link } = await ScriptedAgent.ready(pool);
  let open = link;
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    const requester = await ScriptedRequester.create(pool.client, { operators: [agent.operator] });
    await requester.connect();
    await requester.submit(["vanishing"]);
    await agent.take(open);
    await open.close();
    open = await agent.connect();
    open.send({ type: "capacity", leases: 1 });
    pool.clock.advance(pauseMs - 1);
    await waits(requester, [{ tasks: 1, agents: { busy: 1 } }]);
    pool.clock.advance(1);
    expect(await agent.take(open)).toMatchObject({ fence: 2 });
    await pool.client.cancel(requester.secret.signer);
  }
});
