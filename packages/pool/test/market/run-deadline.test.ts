import { describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { type AgentLink, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { type ReleaserLink, ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";
import { runDeadline } from "../../src/services/market/run-deadline.js";

const pool = sharedPool();

interface Pair {
  readonly agent: ScriptedAgent;
  readonly link: AgentLink;
  readonly requester: ScriptedRequester;
  readonly releaser: ReleaserLink;
}

const timeLimitMs = 600_000;

/** An agent and a requester who have nobody else, and whose first task took `firstMs`. */
async function acquainted(firstMs: number): Promise<Pair> {
  const { agent, link } = await ScriptedAgent.ready(pool());
  const requester = await ScriptedRequester.create(pool().client, { operators: [agent.operator], timeLimitMs });
  const releaser = await requester.connect();
  const pair = { agent, link, requester, releaser };
  const { task, keys, expectedMs } = await begin(pair);
  expect(expectedMs).toBeUndefined(); // nothing like it has run
  pool().clock.advance(firstMs);
  agent.answer(task, keys);
  await link.next("settled");
  return pair;
}

/** One more task, which the agent has begun. */
async function begin({ agent, requester, releaser }: Pair) {
  await requester.submit(["task"]);
  const task = await agent.take();
  const match = await requester.matched(releaser);
  releaser.send(await requester.release(match));
  return { task, keys: present(await agent.keysOf(task)), expectedMs: match.expectedMs };
}

/** The agent says what it runs; the pool has heard it once it has answered what came after. */
async function heartbeat(link: AgentLink, running: { number: number; fence: number }[]): Promise<void> {
  const named = running.map(({ number, fence }) => ({ number, fence }));
  link.send({ type: "heartbeat", running: named }, { type: "accept", number: 1, fence: 1 });
  await link.next("refused");
}

describe("a requester", () => {
  it("is told at the match how long the task will take there", async () => {
    const { expectedMs } = await begin(await acquainted(4_000));
    expect(expectedMs).toBe(4_000);
  });

  it("who comes back is told again", async () => {
    const pair = await acquainted(4_000);
    await pair.requester.submit(["task"]);
    await pair.agent.take();
    await pair.requester.matched(pair.releaser);
    await pair.releaser.close();
    expect(await pair.requester.matched(await pair.requester.connect())).toMatchObject({ expectedMs: 4_000 });
  });

  it("is never told more than the time limit", async () => {
    const { expectedMs } = await begin(await acquainted(timeLimitMs + 10_000));
    expect(expectedMs).toBe(timeLimitMs);
  });
});

describe("a run of which its agent says nothing", () => {
  it("is given to another after three times what it was expected to take", async () => {
    const pair = await acquainted(20_000);
    const { task } = await begin(pair);
    pool().clock.advance(59_999);
    await heartbeat(pair.link, []);
    expect(pair.link.unread("revoke")).toBe(0);
    pool().clock.advance(1);
    expect(await pair.link.next("revoke")).toMatchObject({ number: task.number, reason: "expired" });
    pool().clock.advance(1_000); // it is left alone for a while
    expect(await pair.agent.take()).toMatchObject({ number: task.number, fence: task.fence + 1 });
  });

  it("is not lost by another's word, nor saved by another's lease", async () => {
    const pair = await acquainted(1_000);
    const stranger = await ScriptedAgent.ready(pool(), { leases: 0 });
    const { task } = await begin(pair);
    pool().clock.advance(20_000);
    await heartbeat(stranger.link, [task]);
    await heartbeat(pair.link, [{ number: task.number, fence: task.fence + 1 }]);
    pool().clock.advance(10_000);
    expect(await pair.link.next("revoke")).toMatchObject({ number: task.number, reason: "expired" });
  });
});

describe("a run that its agent names in its heartbeats", () => {
  it("is not lost for taking much longer than expected", async () => {
    const pair = await acquainted(1_000);
    const { task, keys } = await begin(pair);
    for (let beat = 1; beat <= 10; beat++) {
      pool().clock.advance(29_000);
      await heartbeat(pair.link, [task]);
    }
    pair.agent.answer(task, keys);
    expect(await pair.link.next("settled")).toMatchObject({ number: task.number });
  });

  it("ends at its time limit all the same", async () => {
    const pair = await acquainted(1_000);
    const { task } = await begin(pair);
    for (let passedMs = 0; passedMs < timeLimitMs; passedMs += 25_000) {
      pool().clock.advance(25_000);
      await heartbeat(pair.link, [task]);
    }
    expect(pair.link.unread("revoke")).toBe(0);
    pool().clock.advance(15_000);
    expect(await pair.link.next("revoke")).toMatchObject({ number: task.number, reason: "expired" });
  });
});

describe("the deadline of a run", () => {
  it.each([
    [undefined, 615_000],
    [1, 30_000],
    [10_000, 30_000],
    [50_000, 150_000],
    [600_000, 615_000],
  ])("with an expectation of %s ms is %i ms after it begins", (expectedMs, deadline) => {
    expect(runDeadline({ releasedAt: 7_000, expectedMs }, timeLimitMs, 7_000)).toBe(7_000 + deadline);
  });
});
