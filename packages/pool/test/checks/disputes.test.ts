import { disputeStatement, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import {
  type JobOptions,
  jsProgram,
  openDispute,
  Pool,
  savedContext,
  type SavedJob,
  type TaskResult,
} from "../../../../test/fixtures/requester.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { Worker } from "./worker.js";

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

const right = Buffer.from('\x01"right"');
const wrong = Buffer.from('\x01"wrong"');
const program = jsProgram("export default () => 'right';");
const honest = (count: number) => Promise.all(Array.from({ length: count }, () => Worker.start(pool, right)));

/** A job of one task that has run, as its requester keeps it. */
async function ran(verify: JobOptions["verify"] = "quorum") {
  const account = await fundedKey(pool.client);
  const requester = await Pool.connect(pool.url, { account });
  let saved: SavedJob | undefined;
  const job = await requester.map(program, ["input"], { verify, onSaved: async (now) => void (saved = now) });
  const results: TaskResult<unknown>[] = [];
  for await (const result of job) results.push(result);
  const [result] = results;
  if (!saved || !result) throw new Error("nothing has run");
  return { requester, saved, result, balance: () => new Account(pool.client, account).balance() };
}

/** Opens a dispute without answering for the job; resolves with why it is refused. */
async function refusalOf({ saved }: { readonly saved: SavedJob }, change: { number?: number; job?: SavedJob } = {}) {
  const context = savedContext(pool.client, change.job ?? saved);
  const number = change.number ?? saved.tasks[0]?.number ?? 0;
  return openDispute(pool.client, context, number).then(
    (verdict) => verdict,
    (error: Error) => error.message,
  );
}

/** A dispute in which another key is shown than the task's, otherwise as its requester signs it; @returns what comes of it. */
async function otherKeyShown(saved: SavedJob): Promise<string> {
  const { secret } = savedContext(pool.client, saved);
  const { signer } = secret;
  const [number, keys] = [saved.tasks[0]?.number ?? 0, { content: filled(1), program: filled(2) }];
  const statement = { number, job: signer.publicKey, pool: pool.client.key, ...keys, signedAt: Date.now() };
  const dispute = Buffer.from(toCbor(signStatement(disputeStatement, statement, signer))).toString("base64url");
  const path = `/v1/jobs/${toHex(signer.publicKey)}/disputes`;
  const headers = { authorization: pool.client.authorization(signer, "POST", path) };
  return pool.client.postJson(path, { dispute }, headers).then(String, (error: Error) => error.message);
}

const filled = (value: number) => new Uint8Array(32).fill(value);

async function sumOfBooks(): Promise<string> {
  return ((await (await fetch(new URL("/v1/books", pool.url))).json()) as { sum: string }).sum;
}

describe("a dispute", () => {
  it("about a wrong result that was held has others run the task, and the one who lied pays for all of it", async () => {
    const liar = await Worker.start(pool, wrong, { isFirst: true });
    const done = await ran(); // nobody else is here: it is held
    expect(done.result).toMatchObject({ value: "wrong", standing: "held" });
    await honest(8);
    const before = await done.balance();
    const { verdict, corrected } = await done.requester.dispute(done.saved, 0);
    expect([verdict, corrected]).toMatchObject(["wrong", { ok: true, value: "right" }]);
    expect(await liar.account.checks()).toMatchObject([{ verdict: "disproved", runs: 8 }, { verdict: "abandoned" }]);
    const { owed } = await liar.account.unsettled();
    expect(owed).toBeGreaterThan(0n);
    await new Account(pool.client, liar.agent.keys.operator).fund(owed);
    await new Account(pool.client, liar.agent.keys.operator).putBond(owed, "requester");
    // the charge is back at once; what the others cost comes out of the bond
    await expect.poll(done.balance).toBeGreaterThanOrEqual(before);
    expect(await sumOfBooks()).toBe("0");
  });

  it("about a result that was paid for long ago has its operator owe what it had got", async () => {
    const liar = await Worker.start(pool, wrong, { isFirst: true });
    const done = await ran("spot");
    expect(await liar.account.balance("operator")).toBeGreaterThan(0n);
    await honest(8);
    expect(await done.requester.dispute(done.saved, 0)).toMatchObject({ verdict: "wrong" });
    expect((await liar.account.unsettled()).owed).toBeGreaterThan(0n);
  });

  it("about a right result costs its requester what the others cost, and its agent nothing", async () => {
    const [first] = await honest(12);
    const done = await ran();
    const before = await done.balance();
    expect(await done.requester.dispute(done.saved, 0)).toMatchObject({ verdict: "right", corrected: undefined });
    await expect.poll(done.balance).toBeLessThan(before);
    expect((await first?.account.unsettled())?.owed).toBe(0n);
    expect(await sumOfBooks()).toBe("0");
  });

  it("is not needed where an agent has sent another result than it had committed to: its own signature shows it", async () => {
    const liar = await Worker.start(pool, wrong, { isFirst: true, committed: right });
    await honest(1);
    const { result } = await ran(); // the two agree by what they have committed to
    expect(result).toMatchObject({ ok: false, isContradicted: true });
    await expect.poll(async () => (await liar.account.checks())[0]?.verdict).toBe("disproved");
    await expect.poll(async () => (await liar.account.unsettled()).owed).toBeGreaterThan(0n);
  });

  it("about a result that its task's key does not open is won by that alone", async () => {
    const liar = await Worker.start(pool, right, { isFirst: true, inline: Buffer.alloc(80, 7) });
    const { result } = await ran();
    expect(result).toMatchObject({ ok: false, isContradicted: true });
    await expect.poll(async () => (await liar.account.checks())[0]?.verdict).toBe("disproved");
    expect(await liar.account.balance("operator")).toBe(0n);
  });

  it("is refused where the result is old, another job's, no task's, or the key that is shown is not its own", async () => {
    await honest(2);
    const [done, other] = [await ran(), await ran()];
    expect(await refusalOf(done, { job: other.saved })).toMatch(/This job has no task/);
    expect(await refusalOf(done, { number: 12_345 })).toMatch(/This job has no task 12345/);
    expect(await otherKeyShown(done.saved)).toMatch(/not the one that the task's manifest commits to/);
    await pool.restart(`UPDATE outcomes SET ended_at = ended_at - ${3 * 24 * 3_600_000 + 1_000_000}`);
    expect(await refusalOf(done)).toMatch(/older than three days/);
  });

  it("is refused a second time, and while its requester does not answer for the job", async () => {
    await honest(12);
    const done = await ran();
    expect(await refusalOf(done)).toMatch(/its requester is not connected/);
    expect(await done.requester.dispute(done.saved, 0)).toMatchObject({ verdict: "right" });
    await expect(done.requester.dispute(done.saved, 0)).rejects.toMatchObject({ code: "dispute-refused" });
    expect(await refusalOf(done)).toMatch(/not connected|disputed before/);
  });

  it("is refused for a task of which nobody has committed to anything", async () => {
    await honest(1);
    const plain = await plainJob();
    expect(await refusalOf(plain)).toMatch(/committed to nothing/);
  });
});

/** A job whose results nobody checks. */
async function plainJob() {
  const requester = await Pool.connect(pool.url, { account: await fundedKey(pool.client) });
  let saved: SavedJob | undefined;
  const job = await requester.map(program, ["input"], { onSaved: async (now) => void (saved = now) });
  await job.values();
  if (!saved) throw new Error("nothing is saved");
  return { saved };
}
