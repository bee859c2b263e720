import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openBytes, readStatement, sealBytes, taskManifest, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectFunded, fundedKey } from "../../../test/fixtures/accounts.js";
import { present } from "../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../test/fixtures/scripted-requester.js";
import {
  type JobListener,
  type JobOptions,
  Account,
  LocalFile,
  Pool,
  type SavedJob,
  type TaskMatch,
  type TaskResult,
} from "../src/index.js";
import { dishonestPool, program } from "./fixtures.js";

const { pool, proxy } = dishonestPool();

async function collect<T>(results: AsyncIterable<TaskResult<T>>): Promise<TaskResult<T>[]> {
  const all: TaskResult<T>[] = [];
  for await (const result of results) all.push(result);
  return all.sort((a, b) => a.index - b.index);
}

async function submitted(inputs: readonly string[], options: JobOptions & JobListener = {}, leases = 1) {
  const { agent, link } = await ScriptedAgent.ready(pool(), { leases });
  const requester = await connectFunded(proxy().url);
  const job = await requester.map(program, inputs, { operators: [agent.operator], ...options });
  return { agent, link, job };
}

/** Tasks that wait in the whole pool. */
async function waiting(): Promise<number> {
  const text = await (await fetch(new URL("/metrics", pool().url))).text();
  return Number(/^aegis_tasks\{state="queued"\} (\d+)$/m.exec(text)?.[1]);
}

describe("a budget", () => {
  // at 20,000 µSCU and 3,000 nAIS a task of 2 s costs 120 nAIS; at worst 40,000 µSCU-seconds x 4,000 nAIS = 160
  const terms = { maxWork: 40_000, maxPrice: 4_000n };

  it("is never exceeded: the rest ends as budget-exceeded", async () => {
    const { agent, link, job } = await submitted(["a", "b", "c", "d"], { ...terms, budget: 400n }, 4);
    for (let task = 0; task < 3; task++) {
      const taken = await agent.take();
      const keys = await agent.keysOf(taken);
      expect(link.unread("offer")).toBeLessThanOrEqual(1); // 400 pays for two at their worst
      pool().clock.advance(4_000);
      if (keys) link.send(agent.result(taken, keys));
      await link.next("settled");
    }
    const ended = await collect(job);
    expect(ended.map((result) => (result.ok ? result.charge : result.error.code))).toEqual([
      120n,
      120n,
      120n,
      "budget-exceeded",
    ]);
    expect(job.progress.spent).toBeLessThanOrEqual(400n);
  });

  it("counts what was charged for a result that is of no use", async () => {
    const { agent, link, job } = await submitted(["a", "b"], { ...terms, budget: 200n });
    const taken = await agent.take();
    const keys = await agent.keysOf(taken);
    pool().clock.advance(9_000);
    if (keys) link.send(agent.result(taken, keys, { inline: Buffer.alloc(50) }));
    const ended = await collect(job);
    expect(ended.map((result) => !result.ok && result.error.code)).toEqual(["result-mismatch", "budget-exceeded"]);
    expect(job.progress.spent).toBe(120n);
  });
});

describe("a job", () => {
  it("whose deadline passes ends what is not done, here and at the pool", async () => {
    const { agent, link, job } = await submitted(["slow"], { deadlineMs: 300 });
    const { number } = await agent.take();
    const [ended] = await collect(job);
    expect(ended).toMatchObject({ ok: false, error: { code: "deadline-passed" } });
    expect(await link.next("revoke")).toMatchObject({ number, reason: "cancelled" });
  });

  it("that is cancelled ends with an error for each task, and none is left at the pool", async () => {
    const { agent, link, job } = await submitted(["a", "b", "c"]);
    const { number } = await agent.take();
    job.cancel();
    expect(await link.next("revoke")).toMatchObject({ number, reason: "cancelled" });
    expect((await collect(job)).map((result) => !result.ok && result.error.code)).toEqual(Array(3).fill("cancelled"));
    await expect.poll(waiting).toBe(0);
  });

  it("that is cancelled while its tasks are on their way leaves none behind", async () => {
    const way = new EventEmitter();
    const arrival = once(way, "submitted");
    proxy().alter.answer = ({ path }, answer) => {
      if (path.endsWith("/tasks")) way.emit("submitted");
      return answer;
    };
    const { agent } = await ScriptedAgent.ready(pool(), { leases: 0 });
    const requester = await connectFunded(proxy().url);
    const held = once(way, "held"); // once() listens from now on
    const job = await requester.map(program, ["late"], {
      operators: [agent.operator],
      onSaved: async () => {
        const arrived = once(way, "go on");
        way.emit("held");
        await arrived;
      },
    });
    await held;
    job.cancel();
    way.emit("go on");
    await collect(job);
    await arrival;
    await expect.poll(waiting).toBe(0);
  });

  it("tells of a task's own failure by a typed error with its log, and of the others' results", async () => {
    const { agent, job } = await submitted(["bad", "good"]);
    await agent.work({ statement: { outcome: "time-limit" }, log: Buffer.from("began\ntook too long\n") });
    await agent.work();
    const [bad, good] = await collect(job);
    expect(bad).toMatchObject({
      ok: false,
      error: { code: "task-failed" },
      log: "began\ntook too long\n",
      agent: agent.id,
    });
    expect(bad).toMatchObject({ error: { message: "Task 0 failed: time-limit (took too long)." } });
    expect(good).toMatchObject({ ok: true, value: "done" });
  });

  it("says what a metered task used, and what to do where that was not enough", async () => {
    const { agent, job } = await submitted(["bad", "good"]);
    await agent.work({ statement: { outcome: "fuel-limit", fuel: 70 } });
    await agent.work({ statement: { fuel: 64 } });
    const [bad, good] = await collect(job);
    expect(bad).toMatchObject({ fuel: 70, error: { next: expect.stringContaining("--fuel") as string } });
    expect(good).toMatchObject({ ok: true, fuel: 64 });
  });

  it("tells at each match how long the task is expected to take there, once a first has run", async () => {
    const matches: TaskMatch[] = [];
    const { agent, job } = await submitted(["first", "second"], { onMatched: (match) => matches.push(match) });
    const first = await agent.take();
    const keys = present(await agent.keysOf(first));
    pool().clock.advance(40_000);
    agent.answer(first, keys);
    await agent.work();
    await collect(job);
    expect(matches).toEqual([
      { index: 0, number: first.number, agent: agent.id, expectedMs: undefined },
      { index: 1, number: expect.any(Number), agent: agent.id, expectedMs: 40_000 },
    ]);
    expect(job.progress.taskMs).toBe(40_000);
  });

  it("whose account pays for two tasks at a time goes on with what those before have not cost", async () => {
    const { agent } = await ScriptedAgent.ready(pool(), { leases: 9 });
    const bounds = { maxWork: 7_000_000, maxPrice: 4_000n, operators: [agent.operator] }; // 28,000 nAIS at most
    const account = await fundedKey(pool().client, 57_000n);
    const requester = await Pool.connect(pool().url, { account });
    const job = await requester.map(program, ["1", "2", "3", "4"], bounds);
    const working = Promise.all(Array.from({ length: 4 }, () => agent.work()));
    expect((await collect(job)).filter(({ ok }) => ok)).toHaveLength(4);
    await working;
    expect(await new Account(requester.client, account).balance()).toBe(57_000n - job.progress.spent);
  });

  it("whose account is empty in the middle of it ends with what was paid for", async () => {
    const { agent } = await ScriptedAgent.ready(pool(), { leases: 9, offer: { floorPrice: "4000" } });
    const bounds = { maxWork: 500_000, maxPrice: 4_000n, operators: [agent.operator] }; // 2,000 nAIS at most
    const account = await fundedKey(pool().client, 4_999n);
    const requester = await Pool.connect(pool().url, { account });
    const job = await requester.map(program, ["1", "2", "3"], bounds);
    const held = [await agent.take(), await agent.take()];
    const keys = [present(await agent.keysOf(present(held[0]))), present(await agent.keysOf(present(held[1])))];
    pool().clock.advance(28_000); // 560,000 µSCU-seconds: more than is paid for
    for (const [index, task] of held.entries()) agent.answer(task, present(keys[index]));
    const codes = (await collect(job)).map((result) => (result.ok ? "done" : result.error.code));
    expect(codes.sort()).toEqual(["done", "done", "insufficient-funds"]);
    expect(await new Account(requester.client, account).balance()).toBe(999n);
  });

  it("whose requester has no account is told how to have one", async () => {
    const requester = await Pool.connect(pool().url);
    const job = await requester.map(program, ["1"]);
    expect(await collect(job)).toMatchObject([{ ok: false, error: { code: "insufficient-funds" } }]);
  });

  it("whose task number somebody else has ends with task-number-taken", async () => {
    const thief = await ScriptedRequester.create(pool().client);
    const { agent } = await ScriptedAgent.ready(pool(), { leases: 0 });
    const requester = await connectFunded(pool().url);
    const job = await requester.map(program, ["late"], {
      operators: [agent.operator],
      onSaved: async ({ tasks }) => {
        // whoever learns the number first, such as the pool itself, can take it
        await thief.submit(["first"], { number: tasks[0]?.number ?? 0 });
      },
    });
    expect(await collect(job)).toMatchObject([{ ok: false, error: { code: "task-number-taken" } }]);
  });

  it("sends its shared input and its program once, however many tasks it has", async () => {
    const uploads: string[] = [];
    proxy().alter.answer = ({ method, path }, answer) => {
      if (method === "PATCH") uploads.push(path);
      return answer;
    };
    const inputs = Array.from({ length: 5 }, (_, index) => `input ${index}`);
    const { agent, job } = await submitted(inputs, { shared: "x".repeat(200_000) });
    const named = new Set<string>();
    for (const _ of inputs) {
      const task = await agent.take();
      const manifest = readStatement(taskManifest, task.signed);
      if (manifest?.shared) named.add(toHex(manifest.shared)).add(toHex(manifest.program));
      const keys = await agent.keysOf(task);
      expect(keys?.shared?.length).toBe(32);
      if (keys) agent.answer(task, keys);
    }
    await collect(job);
    expect(uploads).toHaveLength(2);
    expect(new Set(uploads.map((path) => path.split("/").at(-1)))).toEqual(named);
  });

  it("takes its shared input from a file, and puts results too large for a message into files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "aegis-files-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const shared = primitives.randomBytes(3_000_000);
    await writeFile(join(folder, "shared"), shared);
    const options = { shared: new LocalFile(join(folder, "shared")), resultsFolder: join(folder, "out") };
    const { agent, link, job } = await submitted(["bytes", "json"], options);
    const outputs = [Buffer.concat([Buffer.of(0), shared]), Buffer.from(`\x01"${"x".repeat(100_000)}"`)];
    for (const output of outputs) {
      const task = await agent.take();
      const keys = present(await agent.keysOf(task));
      const sealedShared = await pool().client.download(present(task.manifest.shared), 4_000_000);
      const context = { owner: present(keys.shared), purpose: "shared" } as const;
      const opened = present(openBytes(sealedShared, context, primitives));
      expect(Buffer.concat([Buffer.of(0), shared]).equals(opened)).toBe(true);
      const sealed = sealBytes(output, { owner: keys.content, purpose: "result" }, primitives);
      await pool().client.upload(sealed);
      const { inline: _blob, ...result } = agent.result(task, keys, { inline: sealed });
      link.send(result);
    }
    const ended = await collect(job);
    const values = ended.flatMap((result): unknown[] => (result.ok ? [result.value] : []));
    const file = values.find((value) => value instanceof LocalFile);
    expect((await readFile(present(file).path)).equals(shared)).toBe(true);
    expect(values.filter((value) => value !== file)).toEqual(["x".repeat(100_000)]);
    expect(await readdir(join(folder, "out"))).toEqual([basename(present(file).path)]);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ["is not there", async () => undefined],
    ["is a folder", (path) => mkdir(path)],
  ])("whose shared file %s is refused with its path", async (_what, make) => {
    const folder = await mkdtemp(join(tmpdir(), "aegis-files-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "shared");
    await make(path);
    const requester = await connectFunded(pool().url);
    const refused = requester.map(program, ["x"], { shared: new LocalFile(path) });
    await expect(refused).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining(path) as string,
    });
  });

  it("goes on by itself when its connection is cut, and misses nothing", async () => {
    const { agent, job } = await submitted(["a", "b", "c"]);
    await agent.work();
    proxy().cut();
    await agent.work();
    proxy().cut();
    await agent.work();
    expect((await collect(job)).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  it("trusts an agent whose enrolment it could not look up at first, since the connection broke", async () => {
    const distrusted: string[] = [];
    let broken = 0;
    proxy().alter.answer = ({ path }, answer) => {
      if (path.startsWith("/v1/agents/") && broken++ < 2) throw new Error("the connection breaks");
      return answer;
    };
    const { agent, job } = await submitted(["a"], { onDistrust: (reason) => distrusted.push(reason) });
    await agent.work();
    expect(await collect(job)).toMatchObject([{ ok: true, agent: agent.id }]);
    expect([broken, distrusted]).toEqual([3, []]);
  });

  it("is gone on with by another process from what was saved, from its first result", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const requester = await connectFunded(pool().url);
    let saved: SavedJob | undefined;
    const first = await requester.map(program, ["a", "b"], {
      operators: [agent.operator],
      onSaved: async (state) => void (saved = state),
    });
    const results = first[Symbol.asyncIterator]();
    await agent.work();
    await results.next();
    if (!saved) throw new Error("nothing was saved");
    const second = await requester.resume(JSON.parse(JSON.stringify(saved)) as SavedJob); // takes the releaser's place
    await agent.work();
    expect((await collect(second)).map(({ ok }) => ok)).toEqual([true, true]);
  });

  it.each<[string, JobOptions]>([
    ["a deadline that no timer can hold", { deadlineMs: 2 ** 31 }],
    ["a negative price", { maxPrice: -1n }],
    ["a price beyond all amounts", { maxPrice: 10n ** 18n }],
    ["an operator that is no key", { operators: ["me"] }],
  ])("with %s is refused before anything is sent", async (_what, options) => {
    const requester = await connectFunded(pool().url);
    await expect(requester.map(program, ["x"], options)).rejects.toMatchObject({ code: "bad-argument" });
  });
});
