import { present } from "../../../../test/fixtures/present.js";
import { sealBytes } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { postJson, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

const requester = (options = {}) => ScriptedRequester.create(pool().client, options);

describe("a submission", () => {
  it("that is repeated changes nothing", async () => {
    const job = await requester();
    const tasks = await job.submit(["a", "b"]);
    expect(await pool().client.submit(job.secret.signer, tasks)).toEqual([]);
    expect((await pool().client.job(job.secret.signer)).counts).toMatchObject({ queued: 2 });
  });

  it("that is repeated after its tasks were done does not run them again", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await requester({ operators: [agent.operator] });
    const tasks = await job.submit(["once"]);
    const releaser = await job.connect();
    await Promise.all([agent.work(), job.releaseNext(releaser)]);
    expect(await pool().client.submit(job.secret.signer, tasks)).toEqual([]);
    expect((await pool().client.job(job.secret.signer)).counts).toMatchObject({ queued: 0, completed: 1 });
  });

  it("with a number that somebody else has names it, and queues the rest", async () => {
    const [first, second] = [await requester(), await requester()];
    const [theirs] = await first.submit(["theirs"]);
    const stolen = second.seal(["stolen"], { number: present(theirs).number });
    const own = second.seal(["own"]);
    expect(await pool().client.submit(second.secret.signer, [...stolen, ...own])).toEqual([present(theirs).number]);
    expect((await pool().client.job(second.secret.signer)).counts).toMatchObject({ queued: 1 });
  });

  it("of two different tasks with one number takes one and names the other", async () => {
    const job = await requester();
    const [task] = job.seal(["first"]);
    const [twin] = job.seal(["second"], { number: present(task).number });
    expect(await pool().client.submit(job.secret.signer, [present(task), present(twin)])).toEqual([
      present(task).number,
    ]);
  });

  it.each([
    ["signed for another pool", { pool: new Uint8Array(32).fill(3) }],
    ["of another job", { job: createEd25519Signer().publicKey }],
  ])("%s is refused as a whole", async (_what, change) => {
    const job = await requester();
    const tasks = [...job.seal(["good"]), ...job.seal(["bad"], change)];
    await expect(pool().client.submit(job.secret.signer, tasks)).rejects.toMatchObject({ code: "bad-signature" });
    expect((await pool().client.job(job.secret.signer)).counts).toMatchObject({ queued: 0 });
  });

  it("under another job's key is refused", async () => {
    const job = await requester();
    const tasks = job.seal(["mine"]);
    const thief = createEd25519Signer();
    await expect(pool().client.submit(thief, tasks)).rejects.toMatchObject({ code: "bad-signature" });
  });

  it("whose program or input is not there is refused", async () => {
    const job = await requester();
    const programless = job.seal(["x"], { program: new Uint8Array(32).fill(1) });
    await expect(pool().client.submit(job.secret.signer, programless)).rejects.toMatchObject({ code: "blob-missing" });
    const inputless = job.seal(["x"]).map((task) => ({ ...task, input: undefined }));
    await expect(pool().client.submit(job.secret.signer, inputless)).rejects.toMatchObject({ code: "blob-missing" });
  });

  it("whose input is swapped for another is refused", async () => {
    const job = await requester();
    const [one, other] = job.seal(["one", "other"]);
    const swapped = [{ ...present(one), input: present(other).input }];
    await expect(pool().client.submit(job.secret.signer, swapped)).rejects.toMatchObject({ code: "blob-mismatch" });
  });

  it("that names and excludes as many operators as the protocol allows is taken", async () => {
    const keys = Array.from({ length: 64 }, () => primitives.randomBytes(32));
    const job = await requester();
    const requirements = { ...job.context.terms.requirements, operators: keys, excludedOperators: keys };
    await job.submit(["choosy"], { requirements });
    expect((await pool().client.job(job.secret.signer)).counts).toMatchObject({ queued: 1 });
  });

  it("of more than a thousand tasks, or none, is refused", async () => {
    const job = await requester();
    const path = `/v1/jobs/${job.id}/tasks`;
    const task = { manifest: "AA", signature: "AA" };
    for (const tasks of [[], Array.from({ length: 1_001 }, () => task)]) {
      const answer = await postJson(pool().url, path, { tasks });
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "bad-argument" } }]);
    }
  });
});

describe("a blob", () => {
  it("that was cut short or altered on its way is not taken", async () => {
    const sealed = sealBytes(Buffer.alloc(5_000, 7), { owner: Buffer.alloc(32), purpose: "input" }, primitives);
    const hash = Buffer.from(primitives.sha256(sealed)).toString("hex");
    const altered = Uint8Array.from(sealed, (byte, index) => (index === 3_000 ? byte ^ 1 : byte));
    for (const body of [sealed.slice(0, 4_000), altered]) {
      const answer = await fetch(new URL(`/v1/blobs/${hash}`, pool().url), {
        method: "PATCH",
        headers: { "content-type": "application/octet-stream", "upload-offset": "0", "upload-complete": "?1" },
        body: Uint8Array.from(body),
      });
      expect([answer.status, await answer.json()]).toMatchObject([422, { error: { code: "blob-mismatch" } }]);
    }
    await pool().client.upload(sealed);
    expect((await pool().client.download(primitives.sha256(sealed), 10_000)).length).toBe(sealed.length);
  });

  it("whose bytes have all come is completed by a request without any", async () => {
    const bytes = Buffer.from("all of it");
    const hash = Buffer.from(primitives.sha256(bytes)).toString("hex");
    const url = new URL(`/v1/blobs/${hash}`, pool().url);
    const headers = { "content-type": "application/octet-stream", "upload-offset": "0" };
    expect((await fetch(url, { method: "PATCH", headers, body: bytes })).status).toBe(204);
    expect(await pool().client.upload(bytes)).toEqual(primitives.sha256(bytes));
  });
});
