import { present } from "../../../../test/fixtures/present.js";
import {
  type FailureReason,
  openStatement,
  protocolLimits,
  receiptStatement,
  sealBytes,
  type TaskKeys,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import {
  agentKeys,
  type ResultChange,
  ScriptedAgent,
  type TakenTask,
} from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

/** One task in the hands of one agent that has its keys; nobody else gets it. */
async function running(values: readonly string[] = ["one"], slots = values.length) {
  const keys = agentKeys();
  const { agent, link } = await ScriptedAgent.ready(pool(), { keys, leases: slots });
  const requester = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
  await requester.submit(values);
  const releaser = await requester.connect();
  const held: { task: TakenTask; keys: TaskKeys }[] = [];
  for (const _ of values) {
    const task = await agent.take();
    await requester.releaseNext(releaser);
    held.push({ task, keys: present(await agent.keysOf(task)) });
  }
  return { agent, link, requester, releaser, held, ...present(held[0]) };
}

describe("a result", () => {
  it("is taken once: the same again is answered with the same receipt", async () => {
    const { agent, link, task, keys, releaser, requester } = await running();
    const result = agent.result(task, keys);
    link.send(result, result);
    const first = await link.next("settled");
    await releaser.next("finished");
    link.send(result);
    expect((await link.next("settled")).receipt).toEqual(first.receipt);
    expect((await pool().client.job(requester.secret.signer)).counts).toMatchObject({ completed: 1, running: 0 });
    expect(releaser.unread("finished")).toBe(0);
  });

  it("is asked for and told of again where the database failed, at either end: both are hung up on, and the pool goes on", async () => {
    const { agent, link, task, keys, releaser, requester } = await running();
    const result = agent.result(task, keys);
    link.send(result);
    const { receipt } = await link.next("settled");
    await releaser.close();
    const again = await requester.open();
    await pool().alter("ALTER TABLE outcomes RENAME TO elsewhere");
    link.send(result);
    again.send({ type: "resume", after: 0 });
    expect([await link.closed, await again.closed]).toEqual(["database-failed", "database-failed"]);
    await pool().alter("ALTER TABLE elsewhere RENAME TO outcomes");
    const back = await agent.connect();
    back.send(result);
    expect((await back.next("settled")).receipt).toEqual(receipt);
    expect((await (await requester.connect()).next("finished")).receipt).toEqual(receipt);
  });

  it("is refused when it is another one than was taken", async () => {
    const { agent, link, task, keys } = await running();
    link.send(agent.result(task, keys));
    await link.next("settled");
    link.send(agent.result(task, keys, { output: Buffer.from('\x01"second thoughts"') }));
    expect(await link.next("refused")).toMatchObject({ number: task.number, reason: "stale-lease" });
  });

  it("is refused after its lease has expired, and the task is given to another", async () => {
    const { agent, link, task, keys, requester, releaser } = await running();
    pool().clock.advance(requester.context.terms.requirements.timeLimitMs + 20_000);
    expect(await link.next("revoke")).toMatchObject({ number: task.number, reason: "expired" });
    pool().clock.advance(1_000); // it is left alone for a while
    const again = await agent.take();
    expect(again).toMatchObject({ number: task.number, fence: task.fence + 1 });
    await requester.releaseNext(releaser);
    await agent.keysOf(again); // it runs again: by the same agent, but under another lease
    link.send(agent.result(task, keys));
    expect(await link.next("refused")).toMatchObject({ fence: task.fence, reason: "stale-lease" });
    link.send(agent.result(again, keys));
    expect(await link.next("settled")).toMatchObject({ fence: again.fence });
  });

  it("is refused for a task that another agent holds", async () => {
    const { task, keys } = await running();
    const thief = await ScriptedAgent.ready(pool(), { leases: 0 });
    thief.link.send(thief.agent.result(task, keys));
    expect(await thief.link.next("refused")).toMatchObject({ number: task.number, reason: "stale-lease" });
  });

  it("is refused for a task that nobody has", async () => {
    const { agent, link, task, keys } = await running();
    link.send(agent.result({ ...task, number: task.number + 1 }, keys));
    expect(await link.next("refused")).toMatchObject({ reason: "stale-lease" });
  });

  it.each<[string, (held: { task: TakenTask; keys: TaskKeys }) => ResultChange, string]>([
    ["signed by another key", () => ({ signer: agentKeys().agent }), "bad-signature"],
    ["that names another agent", () => ({ statement: { agent: new Uint8Array(32).fill(7) } }), "bad-signature"],
    ["of another manifest", () => ({ statement: { manifest: new Uint8Array(32).fill(7) } }), "manifest-mismatch"],
    ["of other bytes than are sent", () => ({ statement: { result: new Uint8Array(32) } }), "result-missing"],
    ["of another length than is sent", () => ({ statement: { resultBytes: 3 } }), "result-missing"],
    ["with another log than it states", () => ({ statement: { log: new Uint8Array(32) } }), "wrong-log"],
  ])("%s is refused, and the agent may still send the right one", async (_what, wrong, reason) => {
    const { agent, link, task, keys } = await running();
    link.send(agent.result(task, keys, wrong({ task, keys })));
    expect(await link.next("refused")).toMatchObject({ reason });
    link.send(agent.result(task, keys));
    expect(await link.next("settled")).toMatchObject({ number: task.number });
  });

  it("that is said to be a blob is refused until the blob is there, whole", async () => {
    const { agent, link, task, keys } = await running();
    const output = Buffer.alloc(protocolLimits.inlineBytes + 1, 1);
    const sealed = sealBytes(output, { owner: keys.content, purpose: "result" }, primitives);
    const { inline: _sent, ...result } = agent.result(task, keys, { inline: sealed });
    link.send(result);
    expect(await link.next("refused")).toMatchObject({ reason: "result-missing" });
    await pool().client.upload(sealed);
    link.send(result);
    expect(await link.next("settled")).toMatchObject({ number: task.number });
  });

  it("larger than the task allows is refused", async () => {
    const { agent, link, requester, releaser } = await running(["one"], 2);
    await requester.submit(["small"], {
      requirements: { ...requester.context.terms.requirements, outputBytes: 10 },
    });
    const task = await agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    link.send(agent.result(task, keys, { output: Buffer.alloc(100) }));
    expect(await link.next("refused")).toMatchObject({ reason: "result-too-large" });
  });
});

describe("a failure", () => {
  it("ends the task with its sealed log, and is paid", async () => {
    const { agent, link, task, keys, releaser } = await running();
    const outcome: FailureReason = "threw";
    link.send(agent.result(task, keys, { log: Buffer.from("Error: no\n"), statement: { outcome } }));
    await link.next("settled");
    const finished = await releaser.next("finished");
    expect(finished).toMatchObject({ number: task.number });
    expect(finished.log?.length).toBeGreaterThan(10);
  });

  it("without the log that it signs is refused", async () => {
    const { agent, link, task, keys } = await running();
    const { log: _kept, ...silent } = agent.result(task, keys, { statement: { outcome: "threw" } });
    link.send(silent);
    expect(await link.next("refused")).toMatchObject({ reason: "result-missing" });
  });
});

describe("a receipt", () => {
  it("charges the lease's time by the pool's clock at the agent's speed and floor, and never more than the cap", async () => {
    const { agent, link, held } = await running(["short", "long"]);
    const [short, long] = [present(held[0]), present(held[1])];
    pool().clock.advance(2_000);
    link.send(agent.result(short.task, short.keys));
    const first = openStatement(receiptStatement, (await link.next("settled")).receipt, pool().client.key, primitives);
    // 20,000 µSCU for 2 s at 3,000 nAIS: 40,000 µSCU-seconds, 120 nAIS
    expect(first).toMatchObject({ work: 40_000, price: "3000", charge: "120", fee: "12", reward: "108" });
    pool().clock.advance(58_000);
    link.send(agent.result(long.task, long.keys));
    const second = openStatement(receiptStatement, (await link.next("settled")).receipt, pool().client.key, primitives);
    expect(second).toMatchObject({ work: 1_200_000, charge: "3600" });
  });
});

describe("outcomes", () => {
  it("all reach a releaser however their commits fall, in the order of their numbers", async () => {
    const values = Array.from({ length: 60 }, (_, index) => String(index));
    const { agent, link } = await ScriptedAgent.ready(pool(), { leases: 8 });
    const requester = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    const releaser = await requester.connect();
    await requester.submit(values);
    const answering = (async () => {
      for (const _ of values) await requester.releaseNext(releaser);
    })();
    const working = (async () => {
      for (const _ of values) {
        const task = await agent.take();
        void agent.keysOf(task).then((keys) => link.send(agent.result(task, present(keys)))); // at once: before the release is durable
      }
    })();
    const sequences: number[] = [];
    while (sequences.length < values.length) sequences.push((await releaser.next("finished")).sequence);
    await Promise.all([answering, working]);
    expect(sequences).toEqual(values.map((_, index) => index + 1));
  });
});
