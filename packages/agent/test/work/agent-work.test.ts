import { EventEmitter, once } from "node:events";
import { openBytes, openStatement, readStatement, runStatement, toHex } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { createSession } from "../../src/connection/session.js";
import type { RunOutcome } from "../../src/engines/index.js";
import { agentKeys } from "../../../../test/fixtures/scripted-agent.js";
import { table, type TableTask } from "./table.js";

const output: RunOutcome = { ok: true, output: Buffer.from("\x01null"), log: "", wallMs: 3 };

/** A run that ends when the test says so. */
function pending() {
  const events = new EventEmitter();
  const begun = once(events, "begin");
  const run = async (): Promise<RunOutcome> => {
    const ended = once(events, "end");
    events.emit("begin");
    await ended;
    return output;
  };
  return { run, begun, end: () => void events.emit("end") };
}

describe("an agent", () => {
  it("runs a task and answers with a result that its requester alone can open", async () => {
    const { work, sent, requester, pass, release, agent } = await table();
    const task = requester.task("hello");
    await pass(task);
    work.receive(await release(task));
    const { run, inline } = await sent.next("result");
    expect(openStatement(runStatement, run, agent, primitives)).toMatchObject({ ...task.lease, outcome: "completed" });
    const opened = openBytes(inline ?? new Uint8Array(0), { owner: task.keys.content, purpose: "result" }, primitives);
    expect(String(Buffer.from(opened ?? []))).toBe('\x01"hello"');
  });

  it("runs a task once, though its key comes twice", async () => {
    const { work, sent, requester, pass, release, engines } = await table();
    const [twice, next] = [requester.task("twice"), requester.task("next")];
    await pass(twice);
    await pass(next);
    const key = await release(twice);
    work.receive(key);
    work.receive(key);
    work.receive(await release(next)); // one slot: it runs after all that came before
    const answered = [await sent.next("result"), await sent.next("result")];
    const numbers = answered.map(({ run }) => readStatement(runStatement, run)?.number);
    expect(numbers).toEqual([twice.lease.number, next.lease.number]);
    expect(engines.opened).toHaveLength(1);
  });

  it("pays no heed to tasks and keys that it did not accept", async () => {
    const { work, sent, requester, pass, release, engines } = await table();
    const [unasked, asked] = [requester.task("unasked"), requester.task("asked")];
    work.receive({ type: "task", ...unasked.lease, manifest: unasked.signed, input: unasked.input });
    work.receive(await release(unasked));
    await pass(asked);
    work.receive(await release(asked));
    const { run } = await sent.next("result");
    expect(run.body.length).toBeGreaterThan(0);
    expect(engines.opened).toHaveLength(1);
  });

  it("declines what it has no engine for", async () => {
    const { work, sent, requester } = await table();
    const requirements = { ...requester.requirements, engine: "onnx" as const };
    work.receive({ type: "offer", number: 9, fence: 1, requirements, maxReward: "1" });
    expect(await sent.next("decline")).toMatchObject({ number: 9, reason: "unsupported" });
  });
});

const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, index) => (index === 50 ? byte ^ 1 : byte));

describe("a task is handed back unopened", () => {
  type Table = Awaited<ReturnType<typeof table>>;
  const other = createEd25519Signer();

  it.each<[string, (task: TableTask, at: Table) => Partial<TableTask>]>([
    ["swapped for another task's", (_task, { requester }) => ({ input: requester.task("other").input })],
    ["tampered with", (task) => ({ input: flipped(task.input) })],
    ["cut short", (task) => ({ input: task.input.slice(0, -1) })],
    ["extended", (task) => ({ input: Buffer.concat([task.input, Buffer.of(0)]) })],
  ])("as blob-mismatch when its input is %s", async (_what, change) => {
    const at = await table();
    const task = at.requester.task("genuine");
    await at.pass(task, change(task, at));
    at.work.receive(await at.release(task));
    expect(await at.sent.next("hand-back")).toMatchObject({ ...task.lease, reason: "blob-mismatch" });
    expect(at.engines.opened).toEqual([]);
  });

  it.each<[string, (at: Table, name: string) => void]>([
    ["swaps its program", (at, name) => at.blobs.set(name, primitives.randomBytes(90))],
    ["cuts its program short", (at, name) => at.blobs.set(name, at.blobs.get(name)?.slice(0, -1) ?? new Uint8Array(0))],
  ])("as blob-mismatch when the pool %s", async (_what, change) => {
    const at = await table();
    change(at, toHex(at.requester.program));
    const task = at.requester.task("genuine");
    await at.pass(task);
    at.work.receive(await at.release(task));
    expect(await at.sent.next("hand-back")).toMatchObject({ ...task.lease, reason: "blob-mismatch" });
    expect(at.engines.opened).toEqual([]);
  });

  it.each<[string, (task: TableTask, at: Table) => Promise<Parameters<Table["release"]>[1]>]>([
    ["for another agent", async () => ({ agent: other.publicKey })],
    ["to another agent's session", async () => ({ session: await createSession(agentKeys(), other.publicKey, 0) })],
    [
      "to its session before",
      async (_task, at) => {
        const session = at.session();
        await at.reconnect();
        return { session };
      },
    ],
    ["for another lease of the task", async (task) => ({ lease: { ...task.lease, fence: 2 } })],
    ["for another task", async (task) => ({ lease: { ...task.lease, number: task.lease.number + 1 } })],
  ])("as key-unreadable when its keys are sealed %s", async (_what, change) => {
    const at = await table();
    const task = at.requester.task("genuine");
    const changes = await change(task, at);
    await at.pass(task);
    at.work.receive(await at.release(task, changes));
    expect(await at.sent.next("hand-back")).toMatchObject({ ...task.lease, reason: "key-unreadable" });
  });

  it("as key-unreadable when the release is another task's, replayed", async () => {
    const at = await table();
    const [first, second] = [at.requester.task("first"), at.requester.task("second")];
    const { encapsulated, sealed } = await at.release(first);
    await at.pass(second);
    at.work.receive({ type: "key", ...second.lease, encapsulated, sealed });
    expect(await at.sent.next("hand-back")).toMatchObject({ ...second.lease, reason: "key-unreadable" });
  });

  it.each([
    ["content", { content: new Uint8Array(32) }],
    ["program", { program: new Uint8Array(32) }],
    ["shared", { shared: new Uint8Array(32) }],
  ])("as key-mismatch when the %s key is not the one that was committed to", async (_name, keys) => {
    const at = await table();
    const task = at.requester.task("genuine");
    await at.pass(task);
    at.work.receive(await at.release(task, { keys }));
    expect(await at.sent.next("hand-back")).toMatchObject({ ...task.lease, reason: "key-mismatch" });
    expect(at.engines.opened).toEqual([]);
  });

  it.each([
    ["was made for another pool", { pool: other.publicKey }, undefined],
    ["has another number", { number: 77 }, undefined],
    ["is signed by another key than the job's", {}, other],
  ])("as manifest-invalid when its manifest %s", async (_what, change, signer) => {
    const at = await table();
    const task = at.requester.task("genuine", change, signer);
    await at.pass(task);
    expect(await at.sent.next("hand-back")).toMatchObject({ ...task.lease, reason: "manifest-invalid" });
  });
});

describe("a lease that is over", () => {
  it("while its task runs kills the run, and its result is never sent", async () => {
    const at = await table();
    const { run, begun, end } = pending();
    at.engines.run = run;
    const task = at.requester.task("revoked");
    await at.pass(task);
    at.work.receive(await at.release(task));
    await begun;
    at.work.receive({ type: "revoke", ...task.lease, reason: "cancelled" });
    expect(at.engines.closed).toBe(1);
    end();
    at.engines.run = async () => output;
    const next = at.requester.task("next");
    await at.pass(next);
    at.work.receive(await at.release(next));
    const { run: said } = await at.sent.next("result");
    expect(openStatement(runStatement, said, at.agent, primitives)).toMatchObject(next.lease);
  });

  it("with a result that was not answered is asked about after the next connection", async () => {
    const at = await table();
    const task = at.requester.task("answered once");
    await at.pass(task);
    at.work.receive(await at.release(task));
    const first = await at.sent.next("result");
    expect(at.work.held()).toEqual([task.lease]);
    await at.reconnect([task.lease]); // the pool took the result, then lost the connection
    expect(await at.sent.next("result")).toEqual(first);
    at.work.receive({ type: "settled", ...task.lease, receipt: task.signed });
    expect(at.work.held()).toEqual([]);
  });

  it("without a result is dropped at the next connection", async () => {
    const at = await table();
    const { run, begun } = pending();
    at.engines.run = run;
    const task = at.requester.task("lost");
    await at.pass(task);
    at.work.receive(await at.release(task));
    await begun;
    await at.reconnect([task.lease]);
    expect([at.work.held(), at.engines.closed]).toEqual([[], 1]);
  });
});

describe("an agent that leaves", () => {
  it("hands back what waits and what does not end in time, and takes nothing more", async () => {
    const at = await table();
    const { run, begun } = pending();
    at.engines.run = run;
    const [runs, waits] = [at.requester.task("runs"), at.requester.task("waits")];
    for (const task of [runs, waits]) {
      await at.pass(task);
      at.work.receive(await at.release(task));
    }
    await begun;
    await at.work.leave(0);
    const handedBack = [await at.sent.next("hand-back"), await at.sent.next("hand-back")];
    expect(new Set(handedBack.map(({ number }) => number))).toEqual(new Set([runs.lease.number, waits.lease.number]));
    expect(handedBack.map(({ reason }) => reason)).toEqual(["leaving", "leaving"]);
    at.work.receive({ type: "offer", number: 99, fence: 1, requirements: at.requester.requirements, maxReward: "1" });
    expect(await at.sent.next("decline")).toMatchObject({ number: 99, reason: "leaving" });
  });

  it("lets what runs finish first", async () => {
    const at = await table();
    const { run, begun, end } = pending();
    at.engines.run = run;
    const task = at.requester.task("nearly done");
    await at.pass(task);
    at.work.receive(await at.release(task));
    await begun;
    const left = at.work.leave(60_000);
    end();
    await left;
    expect(await at.sent.next("result")).toBeDefined();
    expect(at.sent.unread("hand-back")).toBe(0);
  });
});

/** A table with a task that runs until it is told to end. */
async function busyTable(parts: Parameters<typeof table>[0] = {}) {
  const at = await table(parts);
  const { run, begun, end } = pending();
  at.engines.run = run;
  const task = at.requester.task("runs");
  await at.pass(task);
  at.work.receive(await at.release(task));
  await begun;
  return { ...at, task, end };
}

describe("an agent that is paused", () => {
  it("stops what runs, asks for nothing, gives back what waits and declines what comes all the same", async () => {
    const at = await busyTable();
    const waits = at.requester.task("waits");
    await at.pass(waits);
    expect(await at.sent.next("capacity")).toMatchObject({ leases: 1 });
    at.work.pause();
    expect(at.engines.paused).toBe(true);
    expect(await at.sent.next("capacity")).toMatchObject({ leases: 0 });
    expect(await at.sent.next("hand-back")).toMatchObject(waits.lease);
    at.work.receive({ type: "offer", number: 99, fence: 1, requirements: at.requester.requirements, maxReward: "1" });
    expect(await at.sent.next("decline")).toMatchObject({ number: 99 });
    expect(at.work.held()).toEqual([at.task.lease]);
  });

  it("goes on where it was when it is resumed in time", async () => {
    const at = await busyTable();
    at.work.pause();
    await at.sent.next("capacity");
    await at.sent.next("capacity");
    at.work.resume();
    expect(at.engines.paused).toBe(false);
    expect(await at.sent.next("capacity")).toMatchObject({ leases: 1 });
    at.end();
    expect(await at.sent.next("result")).toBeDefined();
    expect(at.sent.unread("hand-back")).toBe(0);
  });

  it("hands back what stays stopped too long, and ends its run", async () => {
    const at = await busyTable({ stoppedPatienceMs: 1 });
    at.work.pause();
    expect(await at.sent.next("hand-back")).toMatchObject(at.task.lease);
    expect(at.engines.closed).toBe(1);
    at.end();
    at.work.resume();
    at.engines.run = async () => output;
    const next = at.requester.task("next");
    await at.pass(next);
    at.work.receive(await at.release(next));
    const { run } = await at.sent.next("result");
    expect(readStatement(runStatement, run)).toMatchObject(next.lease);
  });

  it("hands back at once what runs where no process can be stopped", async () => {
    const at = await busyTable({ stoppedPatienceMs: 2 ** 30 });
    at.engines.canStop = false;
    at.work.pause();
    expect(await at.sent.next("hand-back")).toMatchObject(at.task.lease);
    expect(at.engines.closed).toBe(1);
  });

  it("still asks for nothing after a new connection", async () => {
    const at = await busyTable();
    at.work.pause();
    await at.sent.next("capacity");
    await at.sent.next("capacity");
    await at.reconnect();
    expect(at.sent.unread("capacity")).toBe(0);
  });

  it("leaves without waiting for what is stopped", async () => {
    const at = await busyTable();
    at.work.pause();
    await at.work.leave(2 ** 30);
    expect(await at.sent.next("hand-back")).toMatchObject(at.task.lease);
  });
});

it("an agent does not run what was revoked while its sandbox was being made", async () => {
  const at = await table();
  const opening = new EventEmitter();
  const asked = once(opening, "asked");
  const open = at.engines.open.bind(at.engines);
  at.engines.open = async (...parts) => {
    opening.emit("asked");
    await once(opening, "made");
    return open(...parts);
  };
  let runs = 0;
  at.engines.run = async () => (runs++, output);
  const [revoked, next] = [at.requester.task("revoked"), at.requester.task("next")];
  await at.pass(revoked);
  at.work.receive(await at.release(revoked));
  await asked;
  at.work.receive({ type: "revoke", ...revoked.lease, reason: "cancelled" });
  opening.emit("made");
  await at.pass(next);
  at.work.receive(await at.release(next));
  await at.sent.next("result");
  expect(runs).toBe(1);
});

it("an agent runs a deterministic task in a process of its own, before and after others of its job", async () => {
  const { work, sent, requester, pass, release, engines } = await table();
  const deterministic = { ...requester.requirements, deterministic: true as const };
  for (const requirements of [requester.requirements, deterministic, deterministic, requester.requirements]) {
    const task = requester.task("any", { requirements });
    await pass(task);
    work.receive(await release(task));
    await sent.next("result");
  }
  expect(engines.limits.map((limits) => limits.deterministic)).toEqual([undefined, true, true, undefined]);
});

it("an agent gives a task the fuel that it asks for, and signs what its run used", async () => {
  const { work, sent, requester, pass, release, engines, agent } = await table();
  const plain = { ...requester.requirements, deterministic: true as const };
  engines.run = async (input) => ({ ok: true, output: input, log: "", wallMs: 3, fuel: 640 });
  for (const fuel of [900, 800]) {
    const task = requester.task("any", { requirements: { ...plain, fuel } });
    await pass(task);
    work.receive(await release(task));
    const { run } = await sent.next("result");
    expect(openStatement(runStatement, run, agent, primitives)).toMatchObject({ outcome: "completed", fuel: 640 });
  }
  expect(engines.limits.map((limits) => limits.fuel)).toEqual([900, 800]);
});
