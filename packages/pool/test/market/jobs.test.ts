import { present } from "../../../../test/fixtures/present.js";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

const counts = async (job: ScriptedRequester) => (await pool().client.job(job.secret.signer)).counts;

/** Unfinished tasks of the whole pool, as its gauges count them. */
async function gauge(state: string): Promise<number> {
  const text = await (await fetch(new URL("/metrics", pool().url))).text();
  return Number(new RegExp(`^aegis_tasks\\{state="${state}"\\} (\\d+)$`, "m").exec(text)?.[1]);
}

describe("a job that is cancelled", () => {
  it("stops what runs and what waits, and its agents are told", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    await job.submit(["runs", "waits"]);
    const releaser = await job.connect();
    const task = await agent.take();
    await job.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    releaser.send({ type: "cancel" });
    expect(await link.next("revoke")).toMatchObject({ number: task.number, reason: "cancelled" });
    link.send(agent.result(task, keys));
    expect(await link.next("refused")).toMatchObject({ number: task.number, reason: "stale-lease" });
    expect(await counts(job)).toMatchObject({ queued: 0, matched: 0, running: 0, completed: 0, cancelled: 2 });
  });

  it("by HTTP ends the same way, with or without a releaser", async () => {
    const job = await ScriptedRequester.create(pool().client);
    await job.submit(["waits"]);
    await pool().client.cancel(job.secret.signer);
    expect(await counts(job)).toMatchObject({ queued: 0, cancelled: 1 });
  });
});

describe("a job's tasks", () => {
  it("are matched only while its releaser is there", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    await job.submit(["patient"]);
    const other = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    const releaser = await other.connect();
    await other.submit(["first"]);
    await Promise.all([agent.work(), other.releaseNext(releaser)]);
    expect(link.unread("offer")).toBe(0);
    await job.connect();
    await agent.take();
  });

  it("are matched no more when it has gone", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const [job, other] = await Promise.all(
      ["alone", "other"].map(() => ScriptedRequester.create(pool().client, { operators: [agent.operator] })),
    );
    const [gone, releaser] = await Promise.all([present(job).connect(), present(other).connect()]);
    await gone.close();
    await expect.poll(async () => (await pool().client.job(present(job).secret.signer)).releaserConnected).toBe(false);
    await present(job).submit(["alone"]);
    await present(other).submit(["answered for"]);
    await Promise.all([agent.work(), present(other).releaseNext(releaser)]);
    expect(link.unread("offer")).toBe(0);
  });

  it("finished while nobody was there are told to whoever resumes, from where it says", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool(), { leases: 3 });
    const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    const sealed = await job.submit(["a", "b", "c"]);
    const releaser = await job.connect();
    const held = [];
    for (const _ of sealed) {
      const task = await agent.take();
      await job.releaseNext(releaser);
      held.push({ task, keys: present(await agent.keysOf(task)) });
    }
    await releaser.close();
    for (const { task, keys } of held) {
      link.send(agent.result(task, keys));
      await link.next("settled");
    }
    const first = await job.connect(0);
    const all = [await first.next("finished"), await first.next("finished"), await first.next("finished")];
    expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    const rest = await job.connect(2);
    expect(await rest.next("finished")).toMatchObject({ sequence: 3 });
  });

  it("keep their numbering when the job leaves the pool's memory in between", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    for (const sequence of [1, 2, 3]) {
      await Promise.all([job.submit([sequence]), counts(job), counts(job)]); // a look forgets a job that has nothing
      const releaser = await job.connect(sequence - 1);
      await Promise.all([agent.work(), job.releaseNext(releaser), counts(job)]);
      expect(await releaser.next("finished")).toMatchObject({ sequence });
      await releaser.close();
    }
  });

  it("of a finished job are gone from the pool's memory", async () => {
    const before = [await gauge("queued"), await gauge("running")];
    const job = await ScriptedRequester.create(pool().client);
    await job.submit(["x", "y"]);
    expect(await gauge("queued")).toBe(present(before[0]) + 2);
    await pool().client.cancel(job.secret.signer);
    expect([await gauge("queued"), await gauge("running")]).toEqual(before);
  });
});

describe("a job's releaser", () => {
  it("is replaced by a newer connection", async () => {
    const job = await ScriptedRequester.create(pool().client);
    const first = await job.connect();
    await first.next("progress");
    const second = await job.connect();
    expect(await first.closed).toContain("replaced");
    expect((await pool().client.job(job.secret.signer)).releaserConnected).toBe(true);
    await second.close();
  });

  it("may leave without a word, or fail to connect, and the job goes on", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
    await (await job.open()).close();
    await halfUpgrade(job);
    const releaser = await job.connect();
    await job.submit(["still"]);
    await Promise.all([agent.work(), job.releaseNext(releaser)]);
    expect(await releaser.next("finished")).toMatchObject({ sequence: 1 });
  });
});

/** A request to upgrade that is signed but no WebSocket handshake: the pool refuses it after it has looked up the job. */
async function halfUpgrade(job: ScriptedRequester): Promise<void> {
  const path = `/v1/jobs/${job.id}/release`;
  const url = new URL(pool().url);
  const socket = connect(Number(url.port), url.hostname);
  const authorization = pool().client.authorization(job.secret.signer, "GET", path);
  const key = createHash("sha1").update(randomBytes(9)).digest("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: pool\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 4\r\nsec-websocket-key: ${key}\r\nauthorization: ${authorization}\r\n\r\n`,
  );
  socket.resume();
  await once(socket, "close");
}
