import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { adminAction, nanoAisPerAis, protocolLimits, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { present } from "../../../../test/fixtures/present.js";
import { postJson, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";

const dayMs = 24 * 3_600_000;

async function ownPool(): Promise<TestPool> {
  const pool = await startTestPool();
  onTestFinished(() => pool.stop());
  return pool;
}

/** Has the pool sweep so many days from now: an owner sets a parameter then. The clock is put back. */
async function sweepAfter(pool: TestPool, days: number): Promise<string> {
  const root = await openKeyFile(join(pool.directory, "admin.key"), createEd25519Signer);
  const before = sweeps(pool).length;
  pool.clock.advance(days * dayMs);
  const change = { do: "set", name: "liveTasks", value: 1_000_000 } as const;
  const asked = {
    account: root.publicKey,
    pool: pool.client.key,
    change,
    key: randomBytes(16),
    signedAt: pool.clock.now(),
  };
  const action = Buffer.from(toCbor(signStatement(adminAction, asked, root))).toString("base64url");
  expect((await postJson(pool.url, "/v1/admin/actions", { action })).status).toBe(201);
  await expect.poll(() => sweeps(pool).length).toBe(before + 1);
  pool.clock.reset();
  return present(sweeps(pool).at(-1));
}

const sweeps = (pool: TestPool) => pool.log.lines.filter((line) => line.includes("swept"));

/** A job with one task that has run, whose result is a blob of its own or small. */
async function finishedJob(pool: TestPool, { large = false } = {}) {
  const { agent, link } = await ScriptedAgent.ready(pool);
  const requester = await ScriptedRequester.create(pool.client);
  const releaser = await requester.connect();
  await requester.submit(["x"]);
  const task = await agent.take(link);
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task, link));
  const output = large ? Buffer.alloc(protocolLimits.inlineBytes + 1, 1) : Buffer.from('\x01"done"');
  const result = agent.result(task, keys, { output });
  const blob = large ? await pool.client.upload(present(result.inline)) : undefined;
  const { inline, ...withoutInline } = result;
  link.send(large ? withoutInline : { ...withoutInline, ...(inline && { inline }) });
  await link.next("settled");
  await releaser.close();
  await link.close();
  return { requester, agent, blob: blob && toHex(blob), program: toHex(requester.context.program) };
}

const isThere = async (pool: TestPool, blob: string) => (await fetch(`${pool.url}/v1/blobs/${blob}`)).ok;

describe("what has been kept for long enough", () => {
  it("is deleted with the blobs that only it needs; the receipt stays, and the requester is told", async () => {
    const pool = await ownPool();
    const { requester, blob = "", program } = await finishedJob(pool, { large: true });
    expect([await isThere(pool, blob), await isThere(pool, program)]).toEqual([true, true]);
    await sweepAfter(pool, 31);
    expect([await isThere(pool, blob), await isThere(pool, program)]).toEqual([false, false]);
    const releaser = await requester.connect();
    const finished = await releaser.next("finished");
    expect(finished).toMatchObject({ reason: "deleted", receipt: expect.anything() as unknown });
    expect([finished.inline, finished.log]).toEqual([undefined, undefined]);
    await releaser.close();
  });

  it("is kept until then, with its blobs", async () => {
    const pool = await ownPool();
    const { requester, blob = "", program } = await finishedJob(pool, { large: true });
    await sweepAfter(pool, 29);
    expect([await isThere(pool, blob), await isThere(pool, program)]).toEqual([true, true]);
    const releaser = await requester.connect();
    expect((await releaser.next("finished")).reason).toBeUndefined();
    await releaser.close();
  });

  it("leaves nothing of a task when receipts have been kept for long enough too, but for the money that moved", async () => {
    const pool = await ownPool();
    const { requester, agent } = await finishedJob(pool);
    const operator = new Account(pool.client, agent.keys.operator);
    const earned = await operator.balance("operator");
    expect(await sweepAfter(pool, 401)).toContain('"results":1,"tasks":1');
    const { counts } = await pool.client.job(requester.secret.signer);
    expect([counts.completed, await operator.balance("operator")]).toEqual([0, earned]);
    for await (const earning of operator.earnings()) expect(earning).toBeUndefined();
  });
});

describe("a blob", () => {
  it("that a waiting task names is kept however old it is, and one that was uploaded for nothing is not", async () => {
    const pool = await ownPool();
    const requester = await ScriptedRequester.create(pool.client);
    const releaser = await requester.connect(); // so that it is not given up
    await requester.submit(["waits"]);
    const program = toHex(requester.context.program);
    const stray = toHex(await pool.client.upload(randomBytes(100)));
    await sweepAfter(pool, 0.9);
    expect([await isThere(pool, program), await isThere(pool, stray)]).toEqual([true, true]);
    await sweepAfter(pool, 300);
    expect([await isThere(pool, program), await isThere(pool, stray)]).toEqual([true, false]);
    expect((await pool.client.job(requester.secret.signer)).counts).toMatchObject({ queued: 1, cancelled: 0 });
    await releaser.close();
  });
});

describe("work that nobody takes", () => {
  it("is given up when no requester is there, and its money given back", async () => {
    const pool = await ownPool();
    const payer = await fundedKey(pool.client);
    const requester = await ScriptedRequester.create(pool.client, {}, { reserved: 0n });
    const reserved = { amount: 10n * nanoAisPerAis, once: randomBytes(16) };
    await pool.client.reserve(requester.secret.signer, payer, reserved);
    await requester.submit(["waits"]);
    const account = new Account(pool.client, payer);
    const before = await account.balance();
    await sweepAfter(pool, 29);
    expect(await account.balance()).toBe(before);
    await sweepAfter(pool, 31);
    expect(await account.balance()).toBe(before + 10n * nanoAisPerAis);
    expect((await pool.client.job(requester.secret.signer)).counts).toMatchObject({ queued: 0 });
  });

  it("and was never submitted gives its money back too", async () => {
    const pool = await ownPool();
    const payer = await fundedKey(pool.client);
    const before = await new Account(pool.client, payer).balance();
    const job = createEd25519Signer();
    await pool.client.reserve(job, payer, { amount: 7n, once: randomBytes(16) });
    await sweepAfter(pool, 31);
    expect(await new Account(pool.client, payer).balance()).toBe(before);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});

describe("a job", () => {
  it("that is over is deleted by its key, at once", async () => {
    const pool = await ownPool();
    const { requester } = await finishedJob(pool);
    expect(await pool.client.deleteJob(requester.secret.signer)).toBe(1);
    const releaser = await requester.connect();
    expect((await releaser.next("finished")).reason).toBe("deleted");
    await releaser.close();
    expect(await pool.client.deleteJob(requester.secret.signer)).toBe(0);
  });

  it("that is not over is not deleted, nor by another's key", async () => {
    const pool = await ownPool();
    const requester = await ScriptedRequester.create(pool.client);
    await requester.submit(["waits"]);
    await expect(pool.client.deleteJob(requester.secret.signer)).rejects.toMatchObject({ code: "job-not-over" });
    const path = `/v1/jobs/${requester.id}/delete`;
    expect((await postJson(pool.url, path, {})).status).toBe(403);
  });
});
