import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Earning } from "../../packages/sdk/src/index.js";
import { present } from "../fixtures/present.js";
import { type AgentLink, ScriptedAgent, type TakenTask } from "../fixtures/scripted-agent.js";
import { type ReleaserLink, ScriptedRequester } from "../fixtures/scripted-requester.js";
import { Account, startTestPool, type TestPool } from "../fixtures/test-pool.js";

const dayMs = 24 * 3_600_000;

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

/** A task under `quorum` that one agent has run, and that its requester is asked to have run again. */
interface AskedCheck {
  readonly first: { readonly agent: ScriptedAgent; readonly link: AgentLink };
  readonly other: { readonly agent: ScriptedAgent; readonly link: AgentLink };
  readonly requester: ScriptedRequester;
  readonly releaser: ReleaserLink;
  /** Answers the pool with another number of the task. */
  readonly replicate: () => void;
}

async function askedCheck(): Promise<AskedCheck> {
  const first = await ScriptedAgent.ready(pool);
  const requester = await ScriptedRequester.create(pool.client, { verify: "quorum" });
  const releaser = await requester.connect();
  const [sealed] = await requester.submit(["input"]);
  const task = await first.agent.take();
  const other = await ScriptedAgent.ready(pool);
  await answer(first.agent, requester, releaser, task);
  const { of } = await releaser.next("replicate");
  const replicate = () => {
    const [replica] = requester.seal([], {}, present(sealed));
    releaser.send({ type: "replica", of, manifest: present(replica).manifest });
  };
  return { first, other, requester, releaser, replicate };
}

async function answer(
  agent: ScriptedAgent,
  requester: ScriptedRequester,
  releaser: ReleaserLink,
  taken?: TakenTask,
): Promise<void> {
  const task = taken ?? (await agent.take());
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task));
  pool.clock.advance(1_000); // so that it is worth something
  agent.answer(task, keys);
}

async function earningsOf(agent: ScriptedAgent): Promise<Earning[]> {
  const earnings: Earning[] = [];
  for await (const earning of new Account(pool.client, agent.keys.operator).earnings()) earnings.push(earning);
  return earnings;
}

async function verdicts(agent: ScriptedAgent): Promise<(string | undefined)[]> {
  return (await earningsOf(agent)).map(({ settlement }) => settlement?.verdict);
}

const held = async () => (await pool.client.books()).totals.get("held");

/** Until nothing is held any more. */
async function nothingHeld(): Promise<void> {
  await expect.poll(held, { timeout: 10_000 }).toBe(0n);
}

/** So much time passes; once what follows has been done it is as early as before, so that signed requests are fresh. */
async function later(ms: number, done: () => Promise<void>): Promise<void> {
  pool.clock.advance(ms);
  await done();
  pool.clock.advance(-ms);
}

describe("a requester that is asked to have a task run again", () => {
  it("and neither answers nor goes keeps nobody's money: a check that is stuck for a day ends, and silence accepts", async () => {
    const { first } = await askedCheck();
    expect(await verdicts(first.agent)).toEqual([undefined]);
    await later(dayMs, nothingHeld);
    expect(await verdicts(first.agent)).toEqual(["accepted"]);
    expect((await pool.client.books()).sum).toBe(0n);
  });

  it("and gives it to nobody who runs it keeps nobody's money either", async () => {
    const { first, other, requester, releaser, replicate } = await askedCheck();
    other.link.send({ type: "capacity", leases: 0 });
    replicate();
    await expect.poll(async () => (await pool.client.job(requester.secret.signer)).counts.queued).toBe(1);
    await later(dayMs, nothingHeld);
    expect(await verdicts(first.agent)).toEqual(["accepted"]);
    expect((await pool.client.job(requester.secret.signer)).counts).toMatchObject({ queued: 0, cancelled: 1 });
    await releaser.close();
  });

  it("and goes while another runs it has both paid: that one at once, the first when its day is over", async () => {
    const { first, other, requester, releaser, replicate } = await askedCheck();
    replicate();
    const task = await other.agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await other.agent.keysOf(task));
    await releaser.close();
    await expect.poll(() => pool.log.lines.some((line) => line.includes("its requester has gone"))).toBe(true);
    other.agent.answer(task, keys);
    await expect.poll(() => verdicts(other.agent)).toEqual(["accepted"]);
    expect(await verdicts(first.agent)).toEqual([undefined]);
    await later(dayMs, nothingHeld);
    expect(await verdicts(first.agent)).toEqual(["accepted"]);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});

describe("an agent that is away when it is asked to show what it has committed to", () => {
  it("is asked again when it is back, and paid", async () => {
    const { first, other, requester, releaser, replicate } = await askedCheck();
    await first.link.next("settled");
    await first.link.close();
    replicate();
    await answer(other.agent, requester, releaser);
    await other.agent.reveal();
    await first.agent.connect();
    await first.agent.reveal();
    expect(await releaser.next("checked")).toMatchObject({ verdict: "right" });
    for (const { agent } of [first, other]) expect(await verdicts(agent)).toEqual(["agreed"]);
    expect(await held()).toBe(0n);
  });

  it("and does not come back is not paid, and the other's result stands", async () => {
    const { first, other, requester, releaser, replicate } = await askedCheck();
    await first.link.next("settled");
    await first.link.close();
    replicate();
    await answer(other.agent, requester, releaser);
    await other.agent.reveal();
    const third = await ScriptedAgent.ready(pool);
    await later(30_000, async () => {
      await expect.poll(() => verdicts(first.agent)).toEqual(["silent"]);
    });
    await third.link.close();
    expect((await pool.client.books()).sum).toBe(0n);
  });
});
