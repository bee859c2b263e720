import { present } from "../../../../test/fixtures/present.js";
import { protocolLimits, toHex } from "@aegis-pool/core";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { agentKeys, type AgentLink, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

/** An agent and a requester who have nobody else. */
async function pair({ leases = 1 } = {}) {
  const { agent, link } = await ScriptedAgent.ready(pool(), { leases });
  const requester = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
  const releaser = await requester.connect();
  return { agent, link, requester, releaser };
}

/** Closes an agent's connection; the pool has seen it once it answers another one. */
async function closeAndSee(link: AgentLink, agent: ScriptedAgent): Promise<void> {
  await link.close();
  const another = await agent.open();
  another.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce: new Uint8Array(32) });
  await another.next("challenge");
  await another.close();
}

it("a requester who takes a while to release a key is told that the task runs", async () => {
  const { agent, requester, releaser } = await pair();
  await requester.submit(["slowly"]);
  await agent.take();
  const match = await requester.matched(releaser);
  await releaser.next("progress", ({ counts }) => counts.matched === 1); // nothing more is due
  releaser.send(await requester.release(match));
  const { counts } = await releaser.next("progress", (told) => told.counts.running === 1);
  expect(counts).toMatchObject({ queued: 0, matched: 0, running: 1 });
});

it("a key reaches its agent when it is durable that it has it: a pool that dies knows of every run that there may be", async () => {
  const { agent, link, requester, releaser } = await pair();
  await requester.submit(["not yet"]);
  const { number } = await agent.take();
  const match = await requester.matched(releaser);
  const other = new pg.Client(pool().database);
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  await other.query("SELECT FROM tasks WHERE number = $1 FOR UPDATE", [number]); // now nothing is written about it
  releaser.send(await requester.release(match));
  await releaser.next("progress", ({ counts }) => counts.running === 1);
  link.send({ type: "decline", number: number + 1, fence: 1, reason: "busy" });
  await link.next("refused"); // had a key been sent, it would have come before this
  expect(link.unread("key")).toBe(0);
  await other.query("COMMIT");
  expect(await link.next("key")).toMatchObject({ number });
});

describe("a requester who never releases a key", () => {
  it("holds a slot for ten seconds: the agent is freed without blame and the job pauses, longer each time", async () => {
    const { agent, link, requester, releaser } = await pair();
    await requester.submit(["never"]);
    const silent = await agent.take();
    await requester.matched(releaser);
    pool().clock.advance(protocolLimits.keySilenceMs);
    expect(await link.next("revoke")).toMatchObject({ number: silent.number, reason: "key-silence" });
    expect((await pool().client.job(requester.secret.signer)).counts).toMatchObject({ queued: 1, matched: 0 });
    const other = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    const otherReleaser = await other.connect();
    await other.submit(["meanwhile"]);
    const meanwhile = agent.work(); // the slot is somebody else's during the pause
    await other.releaseNext(otherReleaser);
    await meanwhile;
    expect(link.unread("offer")).toBe(0);
    pool().clock.advance(5_000);
    expect(await agent.take()).toMatchObject({ number: silent.number, fence: silent.fence + 1 });
    pool().clock.advance(protocolLimits.keySilenceMs);
    await link.next("revoke");
    pool().clock.advance(10_000); // twice as long
    expect(await agent.take()).toMatchObject({ number: silent.number, fence: silent.fence + 2 });
  });

  it("who comes back in time hears again what waits for its keys", async () => {
    const { agent, requester, releaser } = await pair();
    await requester.submit(["held"]);
    const task = await agent.take();
    await requester.matched(releaser);
    await releaser.close();
    const again = await requester.connect();
    await requester.releaseNext(again);
    expect(await agent.keysOf(task)).toBeDefined();
  });

  it("cannot release after the silence: the lease is another's by then", async () => {
    const { agent, link, requester, releaser } = await pair();
    await requester.submit(["late"]);
    await agent.take();
    const match = await requester.matched(releaser);
    pool().clock.advance(protocolLimits.keySilenceMs);
    await link.next("revoke");
    releaser.send(await requester.release(match));
    pool().clock.advance(5_000);
    await agent.take();
    expect(link.unread("key")).toBe(0);
  });
});

describe("an agent", () => {
  it("that does not answer an offer loses it", async () => {
    const { link, requester } = await pair();
    await requester.submit(["unanswered"]);
    const { number, fence } = await link.next("offer");
    pool().clock.advance(5_000);
    expect(await link.next("revoke")).toMatchObject({ number, fence, reason: "expired" });
    link.send({ type: "accept", number, fence });
    expect(await link.next("refused")).toMatchObject({ number, fence, reason: "stale-lease" });
  });

  it("cannot accept what was never offered to it, nor hand back what it does not hold", async () => {
    const { agent, requester } = await pair();
    await requester.submit(["mine"]);
    const { number, fence } = await agent.take();
    const thief = await ScriptedAgent.ready(pool(), { leases: 0 });
    thief.link.send({ type: "accept", number, fence }, { type: "hand-back", number, fence, reason: "leaving" });
    expect(await thief.link.next("refused")).toMatchObject({ number, reason: "stale-lease" });
    expect(await thief.link.next("refused")).toMatchObject({ number, reason: "stale-lease" });
  });

  it("that loses its connection has five seconds to come back to what it runs", async () => {
    const { agent, link, requester, releaser } = await pair();
    const other = await pair();
    await requester.submit(["kept"]);
    const task = await agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    await other.requester.submit(["unanswered"]);
    await other.link.next("offer");
    pool().clock.advance(1);
    await closeAndSee(link, agent);
    pool().clock.advance(4_999);
    await other.link.next("revoke"); // an offer that is a millisecond older has expired: all leases were looked at
    const again = await agent.connect([task]);
    again.send(agent.result(task, keys));
    expect(await again.next("settled")).toMatchObject({ number: task.number });
  });

  it("that comes back too late finds its tasks with another", async () => {
    const { agent, link, requester, releaser } = await pair();
    await requester.submit(["lost"]);
    const task = await agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    await closeAndSee(link, agent);
    pool().clock.advance(5_000);
    await expect.poll(async () => (await pool().client.job(requester.secret.signer)).counts.queued).toBe(1);
    const again = await agent.connect([task]);
    again.send(agent.result(task, keys));
    expect(await again.next("refused")).toMatchObject({ number: task.number, reason: "stale-lease" });
  });

  it("that connects without naming what it held gives it back", async () => {
    const { agent, requester, releaser } = await pair();
    await requester.submit(["forgotten"]);
    const task = await agent.take();
    await requester.releaseNext(releaser);
    await agent.keysOf(task);
    const again = await agent.connect();
    again.send({ type: "capacity", leases: 1 });
    expect(await agent.take(again)).toMatchObject({ number: task.number, fence: task.fence + 1 });
  });

  it("that claims leases it never had is told to drop them", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const link = await agent.open();
    const nonce = new Uint8Array(32);
    link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
    link.send(await agent.prove(await link.next("challenge"), nonce, [{ number: 5, fence: 1 }]));
    expect(await link.next("welcome")).toMatchObject({ lost: [{ number: 5, fence: 1 }] });
  });
});

/** Gives a task back; the pool has heard it once it has answered what came after. */
async function handBack(
  link: AgentLink,
  { number, fence }: { number: number; fence: number },
  reason: "sandbox-broken" | "leaving",
) {
  link.send({ type: "hand-back", number, fence, reason }, { type: "accept", number: 1, fence: 1 });
  await link.next("refused");
}

/** The requester's only task waits, and its only agent is left alone. */
async function waiting({ secret }: ScriptedRequester): Promise<void> {
  await expect.poll(() => pool().client.whyWaiting(secret.signer)).toMatchObject([{ tasks: 1, agents: { busy: 1 } }]);
}

describe("an agent that fails", () => {
  it("is offered nothing for a second, and then again", async () => {
    const { agent, link, requester } = await pair();
    await requester.submit(["task"]);
    await handBack(link, await agent.take(), "sandbox-broken");
    await waiting(requester);
    expect(link.unread("offer")).toBe(0);
    pool().clock.advance(1_000);
    expect(await agent.take()).toMatchObject({ fence: 2 });
  });

  it("and then brings a task to its end begins anew: the next failure costs a second again", async () => {
    const { agent, link, requester, releaser } = await pair();
    await requester.submit(["task"]);
    await handBack(link, await agent.take(), "sandbox-broken");
    await requester.matched(releaser);
    await waiting(requester);
    pool().clock.advance(1_000);
    await Promise.all([agent.work(), requester.releaseNext(releaser)]);
    const other = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    await other.connect();
    await other.submit(["another job's"]);
    await handBack(link, await agent.take(), "sandbox-broken");
    await waiting(other);
    pool().clock.advance(1_000);
    expect(await agent.take()).toMatchObject({ fence: 2 });
  });

  it("by an owner who takes the machine back has not failed", async () => {
    const { agent, link, requester } = await pair();
    await requester.submit(["task"]);
    await handBack(link, await agent.take(), "leaving");
    expect(await agent.take()).toMatchObject({ fence: 2 }); // at the same moment by the pool's clock
  });
});

describe("a task", () => {
  it("that is lost while it runs five times is given up, and its requester is told", async () => {
    const { agent, link, requester, releaser } = await pair();
    const [task] = await requester.submit(["poison"]);
    for (let loss = 1; loss <= 5; loss++) {
      const taken = await agent.take();
      await requester.releaseNext(releaser);
      await agent.keysOf(taken);
      await handBack(link, taken, "sandbox-broken");
      pool().clock.advance(1_000); // the agent is left alone for a while
    }
    expect(await releaser.next("finished")).toMatchObject({ number: task?.number, reason: "lost-too-often" });
  });

  it("whose agent is refused by its requester is not offered to that agent again, but to others", async () => {
    const { agent, link, requester: other, releaser: otherReleaser } = await pair();
    const keys = agentKeys();
    const operators = [agent.operator, toHex(keys.operator.publicKey)];
    const requester = await ScriptedRequester.create(pool().client, { operators });
    const releaser = await requester.connect();
    await requester.submit(["either"]);
    const { number, fence } = await agent.take();
    await requester.matched(releaser);
    releaser.send({ type: "withhold", number, fence, reason: "not-in-log" });
    expect(await link.next("revoke")).toMatchObject({ number, reason: "withheld" });
    await other.submit(["somebody else's"]);
    const next = agent.take();
    await other.releaseNext(otherReleaser);
    expect((await next).number).not.toBe(number);
    const second = await ScriptedAgent.ready(pool(), { keys });
    expect(await second.agent.take()).toMatchObject({ number, fence: fence + 1 });
  });
});
