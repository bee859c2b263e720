import { equalBytes, type TaskManifest, toHex } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runChecked } from "../../../../test/fixtures/checked-job.js";
import { agentKeys, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { Worker } from "./worker.js";

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

const right = Buffer.from('\x01"right"');
const wrong = Buffer.from('\x01"wrong"');

const runTasks = (count: number) => runChecked(pool.url, count);

/** What the pool has written of an operator's agents' checks, the newest first. */
function checksOf({ account }: Worker) {
  return account.checks();
}

/** Two agents that have run the same task, and are asked to show what they have. */
async function bothCommitted() {
  const one = await ScriptedAgent.ready(pool, { keys: agentKeys() });
  const other = await ScriptedAgent.ready(pool, { keys: agentKeys() });
  const done = runTasks(1);
  for (const { agent } of [one, other]) {
    const task = await agent.take();
    const keys = await agent.keysOf(task);
    if (!keys) throw new Error("no keys");
    agent.answer(task, keys, { output: right });
  }
  return { one, other, done };
}

/** A task that one agent has run, and the pool wants another to. */
async function toBeChecked() {
  const one = await ScriptedAgent.ready(pool, { keys: agentKeys() });
  const other = await ScriptedAgent.ready(pool, { keys: agentKeys() });
  const requester = await ScriptedRequester.create(pool.client, { verify: "spot" });
  const releaser = await requester.connect();
  const [sealed] = await requester.submit(["input"]);
  if (!sealed) throw new Error("nothing is sealed");
  const task = await one.agent.take();
  await requester.releaseNext(releaser);
  const keys = await one.agent.keysOf(task);
  if (!keys) throw new Error("no keys");
  one.agent.answer(task, keys);
  const { of } = await releaser.next("replicate");
  return { other, requester, releaser, sealed, of };
}

describe("a task that may be checked", () => {
  it("is run by a second operator under another number, and found right", async () => {
    const workers = [await Worker.start(pool, right), await Worker.start(pool, right)];
    const { checks, values } = await runTasks(1);
    expect(values).toEqual(["right"]);
    expect(checks).toMatchObject([{ index: 0, verdict: "right" }]);
    const [one, other] = workers.map(({ numbers }) => numbers);
    expect([one?.length, other?.length]).toEqual([1, 1]);
    expect(one).not.toEqual(other);
    const verdicts = await Promise.all(workers.map(async (worker) => (await checksOf(worker))[0]?.verdict));
    expect(verdicts.toSorted()).toEqual(["confirmed", "passed"]);
  });

  it("whose result is wrong has six more looked at it than lie, and its agent begins anew", async () => {
    const liar = await Worker.start(pool, wrong);
    const { values, checks } = await runTasks(1);
    expect(values).toEqual(["wrong"]);
    expect(checks).toEqual([]); // there was nobody to check it
    const honest = await Promise.all(Array.from({ length: 8 }, () => Worker.start(pool, right)));
    // with eight others it is found out as soon as it is the first again
    const seen: string[] = [];
    while (!seen.includes("wrong")) seen.push(...(await runTasks(3)).checks.map(({ verdict }) => verdict));
    const lines = await checksOf(liar);
    expect(lines.find(({ verdict }) => verdict === "disproved")).toMatchObject({ runs: 8, valid: 0 });
    for (const worker of honest) {
      expect((await checksOf(worker)).map(({ verdict }) => verdict)).not.toContain("disproved");
    }
  });

  it("that gives each operator something else is nobody's fault", async () => {
    const workers: Worker[] = [];
    for (let index = 0; index < 5; index++) workers.push(await Worker.start(pool, Buffer.from(`\x01"${index}"`)));
    const { checks } = await runTasks(1);
    expect(checks).toMatchObject([{ verdict: "nondeterministic" }]);
    for (const worker of workers) expect(await checksOf(worker)).toMatchObject([{ verdict: "nondeterministic" }]);
  });

  it("is also checked by what its runs say that they used", async () => {
    for (let fuel = 1; fuel <= 5; fuel++) await Worker.start(pool, right, { statement: { fuel } });
    expect((await runTasks(1)).checks).toMatchObject([{ verdict: "nondeterministic" }]);
  });

  it("that uses up its fuel does so everywhere, and is found right", async () => {
    const statement = { outcome: "fuel-limit", fuel: 77 } as const;
    for (let index = 0; index < 2; index++) await Worker.start(pool, right, { statement });
    const { checks, values } = await runTasks(1);
    expect(values).toEqual([expect.stringContaining("failed: fuel-limit")]);
    expect(checks).toMatchObject([{ verdict: "right" }]);
  });

  it("that ends by a machine's time is not checked", async () => {
    for (let index = 0; index < 2; index++) await Worker.start(pool, right, { statement: { outcome: "time-limit" } });
    expect((await runTasks(1)).checks).toEqual([]);
  });

  it("is not checked where nobody of another operator is here", async () => {
    await Worker.start(pool, right);
    expect(await runTasks(2)).toEqual({ values: ["right", "right"], checks: [] });
  });

  it("tells an agent that keeps silent from one that has gone wrong, and trusts neither", async () => {
    const before = [await Worker.start(pool, right), await Worker.start(pool, right)];
    await runTasks(1);
    const quiet = await Promise.all(before.map((worker) => worker.again(right, false)));
    const done = runTasks(1);
    await expect.poll(() => quiet.every(({ link }) => link.unread("reveal") === 1)).toBe(true);
    pool.clock.advance(30_000);
    expect((await done).checks).toMatchObject([{ verdict: "unchecked" }]);
    for (const worker of quiet) {
      await expect.poll(async () => (await checksOf(worker))[0]).toMatchObject({ verdict: "silent", valid: 0 });
    }
  });
});

describe("what is known of an agent", () => {
  it("outlives a restart of the pool", async () => {
    const [one, other] = [await Worker.start(pool, right), await Worker.start(pool, right)];
    await runTasks(2);
    await pool.restart();
    await Promise.all([one.again(right), other.again(right)]);
    await runTasks(1);
    const lines = await Promise.all([checksOf(one), checksOf(other)]);
    expect(lines.map(([newest]) => newest?.valid)).toEqual([3, 3]);
  });

  it("is for its operator alone to read", async () => {
    const [worker, stranger] = [await Worker.start(pool, right), createEd25519Signer()];
    const path = `/v1/accounts/operator/${worker.operator}/checks`;
    expect((await fetch(new URL(path, pool.url))).status).toBe(403);
    expect(await new Account(pool.client, stranger).checks()).toEqual([]);
  });
});

describe("a check", () => {
  it("ends without a word about anybody when its requester refuses the agent that is to check", async () => {
    const { other, requester, releaser, sealed, of } = await toBeChecked();
    expect(of).toBe(sealed.number);
    const [replica] = requester.seal([], {}, sealed);
    if (!replica) throw new Error("no replica");
    releaser.send({ type: "replica", of, manifest: replica.manifest });
    await other.agent.take();
    const { number, fence } = await releaser.next("matched", (match) => match.number === replica.number);
    releaser.send({ type: "withhold", number, fence, reason: "not-in-log" });
    expect(await releaser.next("checked")).toMatchObject({ number: of, verdict: "unchecked" });
    const { counts } = await pool.client.job(requester.secret.signer);
    expect(counts).toMatchObject({ completed: 1, queued: 0, cancelled: 1 }); // nobody runs the replica any more
  });

  it.each<[string, Partial<TaskManifest>]>([
    ["another program", { program: new Uint8Array(32) }],
    ["other keys", { keys: new Uint8Array(32) }],
    ["another input", { input: new Uint8Array(32) }],
    ["another price", { maxPrice: "3001" }],
  ])("takes no replica with %s: then one of the two would be called wrong for nothing", async (_what, change) => {
    const { requester, releaser, sealed, of } = await toBeChecked();
    const [replica] = requester.seal([], change, sealed);
    releaser.send({ type: "replica", of, manifest: (replica ?? sealed).manifest });
    expect(await releaser.next("checked")).toMatchObject({ number: of, verdict: "unchecked" });
    expect((await pool.client.job(requester.secret.signer)).counts).toMatchObject({ queued: 0, completed: 1 });
  });
});

describe("a commitment", () => {
  it("comes with the others' signed runs, so that nobody shows what it has before they are bound", async () => {
    const { one, other, done } = await bothCommitted();
    const asked = await one.agent.reveal();
    expect(asked.others).toHaveLength(1);
    await other.agent.reveal();
    expect((await done).checks).toMatchObject([{ verdict: "right" }]);
  });

  it("is not opened by another fingerprint than it was made of", async () => {
    const { one, other, done } = await bothCommitted();
    const shown = await one.agent.reveal();
    await other.agent.reveal(undefined, { fingerprint: new Uint8Array(32) });
    expect(await other.link.next("refused")).toMatchObject({ reason: "no-check" });
    pool.clock.advance(30_000);
    expect((await done).checks).toMatchObject([{ verdict: "unchecked" }]);
    const [own] = await new Account(pool.client, one.agent.keys.operator).checks();
    expect(own).toMatchObject({ number: shown.number, verdict: "abandoned" });
  });

  it("is in every run of a task that may be checked, for that task's keys, and in no other", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool, { keys: agentKeys() });
    void runTasks(1).catch(() => undefined);
    const task = await agent.take();
    const keys = await agent.keysOf(task);
    if (!keys) throw new Error("no keys");
    const none = { manifest: { ...task.manifest, requirements: { ...task.manifest.requirements } } };
    delete (none.manifest.requirements as { verification?: unknown }).verification;
    link.send(agent.result({ ...task, ...none }, keys));
    expect(await link.next("refused")).toMatchObject({ reason: "not-committed" });
    const others = { ...task, manifest: { ...task.manifest, keys: new Uint8Array(32) } };
    link.send(agent.result(others, keys));
    expect(await link.next("refused")).toMatchObject({ reason: "not-committed" });
    agent.answer(task, keys);
    expect(await link.next("settled")).toMatchObject({ number: task.number });
  });
});

describe("a replica", () => {
  it("is another number of the very same task: same keys, same input, signed among as many", async () => {
    const one = await ScriptedAgent.ready(pool, { keys: agentKeys() });
    const done = runTasks(1);
    const first = await one.agent.take();
    const firstKeys = await one.agent.keysOf(first);
    const other = await ScriptedAgent.ready(pool, { keys: agentKeys() });
    if (!firstKeys) throw new Error("no keys");
    one.agent.answer(first, firstKeys, { output: right });
    const second = await other.agent.take();
    const keys = await other.agent.keysOf(second);
    if (!keys) throw new Error("no keys");
    expect(equalBytes(keys.content, firstKeys.content)).toBe(true);
    expect(second.signed.signature).toHaveLength(first.signed.signature.length);
    expect({ ...second.manifest, number: 0 }).toEqual({ ...first.manifest, number: 0 });
    expect(toHex(second.input ?? new Uint8Array(0))).toBe(toHex(first.input ?? new Uint8Array(0)));
    other.agent.answer(second, keys, { output: right });
    await Promise.all([one.agent.reveal(), other.agent.reveal()]);
    expect((await done).checks).toMatchObject([{ verdict: "right" }]);
  });
});
