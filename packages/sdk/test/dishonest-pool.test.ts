import { logHead, sealBytes, signStatement, toCbor, toHex, type ToReleaser } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { present } from "../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { Pool } from "../src/index.js";
import { alterFinished, dishonestPool, type Finished, firstOf, oneTask, program } from "./fixtures.js";

const { pool, proxy } = dishonestPool();

/** The end of a job of one task that an honest agent runs. */
async function runOne() {
  const { agent } = await ScriptedAgent.ready(pool());
  const job = await oneTask(proxy(), { operators: [agent.operator] });
  await agent.work();
  return firstOf(job);
}

describe("a requester whose pool", () => {
  it("is honest gets the result and its receipt", async () => {
    expect(await runOne()).toMatchObject({ ok: true, value: "done" });
  });

  it.each<[string, (sealed: Uint8Array) => Uint8Array]>([
    ["swaps a result", () => primitives.randomBytes(80)],
    ["cuts a result short", (sealed) => sealed.slice(0, -1)],
  ])("%s finds out, and keeps the receipt", async (_what, change) => {
    alterFinished(proxy(), (finished) => ({ ...finished, inline: change(finished.inline ?? new Uint8Array(0)) }));
    const ended = await runOne();
    expect(ended).toMatchObject({ ok: false, error: { code: "result-mismatch" } });
    expect(ended.receipt).toBeDefined();
  });

  it("replays the result of another task finds out", async () => {
    const kept: Finished[] = [];
    alterFinished(proxy(), (finished) => {
      kept.push(finished);
      return { ...finished, ...kept[0], number: finished.number, sequence: finished.sequence };
    });
    expect(await runOne()).toMatchObject({ ok: true });
    expect(await runOne()).toMatchObject({ ok: false, error: { code: "result-mismatch" } });
  });

  it("swaps a result for an earlier one of the same task finds out", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    const job = await oneTask(proxy(), { operators: [agent.operator] });
    const task = await agent.take();
    const keys = present(await agent.keysOf(task));
    const earlier = present(agent.result(task, keys, { output: Buffer.from("\x01'earlier'") }).inline);
    alterFinished(proxy(), (finished) => ({ ...finished, inline: earlier }));
    agent.answer(task, keys);
    expect(await firstOf(job)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("signed") as string },
    });
  });

  it("replays the failure of another task finds out", async () => {
    const kept: Finished[] = [];
    alterFinished(proxy(), (finished) => {
      kept.push(finished);
      return { ...finished, ...kept[0], number: finished.number, sequence: finished.sequence };
    });
    const { agent } = await ScriptedAgent.ready(pool());
    const failing = await oneTask(proxy(), { operators: [agent.operator] });
    await agent.work({ statement: { outcome: "threw" } });
    expect(await firstOf(failing)).toMatchObject({ ok: false, error: { code: "task-failed" } });
    const genuine = await oneTask(proxy(), { operators: [agent.operator] });
    await agent.work();
    expect(await firstOf(genuine)).toMatchObject({ ok: false, error: { code: "result-mismatch" } });
  });

  it("invents a failure, or another charge, finds out", async () => {
    const forger = createEd25519Signer();
    alterFinished(proxy(), ({ receipt, ...rest }) => ({
      ...rest,
      ...(receipt && { receipt: { ...receipt, signature: forger.sign(receipt.body) } }),
    }));
    expect(await runOne()).toMatchObject({ ok: false, charge: 0n, error: { code: "bad-signature" } });
  });

  it.each(["threw", "completed"] as const)("swaps the log of a task that %s finds out", async (outcome) => {
    const { agent } = await ScriptedAgent.ready(pool());
    alterFinished(proxy(), (finished) => ({ ...finished, log: primitives.randomBytes(60) }));
    const job = await oneTask(proxy(), { operators: [agent.operator] });
    await agent.work({ statement: { outcome } });
    expect(await firstOf(job)).toMatchObject({ ok: false, error: { code: "result-mismatch" } });
  });

  it("keeps the log of a completed task to itself finds out", async () => {
    const { agent } = await ScriptedAgent.ready(pool());
    alterFinished(proxy(), ({ log: _kept, ...rest }) => rest);
    const job = await oneTask(proxy(), { operators: [agent.operator] });
    await agent.work();
    expect(await firstOf(job)).toMatchObject({ ok: false, error: { code: "result-mismatch" } });
  });

  it("swaps a result that is a blob finds out", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const job = await oneTask(proxy(), { operators: [agent.operator] });
    const task = await agent.take();
    const keys = await agent.keysOf(task);
    if (!keys) throw new Error("no keys");
    const output = Buffer.concat([Buffer.of(0), primitives.randomBytes(100_000)]);
    const sealed = sealBytes(output, { owner: keys.content, purpose: "result" }, primitives);
    await pool().client.upload(sealed);
    proxy().alter.answer = ({ method, path }, answer) =>
      method === "GET" && path.startsWith("/v1/blobs/") ? { ...answer, body: answer.body.fill(1, 50, 60) } : answer;
    const { inline: _blob, ...result } = agent.result(task, keys, { inline: sealed });
    link.send(result);
    const ended = await firstOf(job);
    expect(ended).toMatchObject({ ok: false, error: { code: "blob-mismatch" } });
    expect(ended.receipt).toBeDefined();
  });

  it("matches an operator that was excluded gives it no key", async () => {
    const allowed = await ScriptedAgent.ready(pool());
    const excluded = await ScriptedAgent.ready(pool(), { leases: 0 });
    const seen = new Promise<ToReleaser>((resolve) => {
      // the pool passes the excluded agent off as the match: its certificate and session are genuine
      proxy().alter.toReleaser = (message) => {
        if (message.type !== "agent") return [message];
        resolve(message);
        return [{ ...message, certificate: excluded.agent.certificate, session: excluded.agent.session }];
      };
    });
    const refusal = new Promise((resolve) => {
      proxy().alter.fromReleaser = (message) => {
        if (message.type === "withhold" || message.type === "release") resolve(message);
        return [message];
      };
    });
    const distrusted: string[] = [];
    const requester = await connectFunded(proxy().url);
    const options = {
      operators: [allowed.agent.operator],
      excludedOperators: [excluded.agent.operator],
      onDistrust: (reason: string) => void distrusted.push(reason),
    };
    const job = await requester.map(program, ["secret"], options);
    await allowed.agent.take();
    await seen;
    expect(await refusal).toMatchObject({ type: "withhold", reason: "operator-excluded" });
    expect(distrusted).toEqual(["operator-excluded"]);
    job.cancel();
  });

  it.each<[string, (answer: { index: number; proof: string[] }) => object]>([
    ["does not prove that an agent is in its log", () => ({ proof: [] })],
    ["proves another entry", ({ proof }) => ({ proof: proof.toReversed().concat("AAAA") })],
  ])("%s gives that agent no key", async (_what, forge) => {
    const { agent } = await ScriptedAgent.ready(pool());
    proxy().alter.answer = ({ path }, answer) => {
      if (!path.startsWith("/v1/log/inclusion")) return answer;
      return { ...answer, body: Buffer.from(JSON.stringify(forge(JSON.parse(String(answer.body)) as never))) };
    };
    const withheld = new Promise((resolve) => {
      proxy().alter.fromReleaser = (message) => {
        if (message.type === "withhold") resolve(message.reason);
        return [message];
      };
    });
    const job = await oneTask(proxy(), { operators: [agent.operator] });
    await agent.take();
    expect(await withheld).toBe("not-in-log");
    job.cancel();
  });
});

const headOf = (change: object, signer = pool().signer) => {
  const statement = { pool: pool().client.key, size: 1, root: primitives.randomBytes(32), signedAt: Date.now() };
  return Buffer.from(toCbor(signStatement(logHead, { ...statement, ...change }, signer))).toString("base64url");
};
const showHead = (header: () => string) => {
  proxy().alter.answer = ({ path }, answer) => ({
    ...answer,
    headers: path === "/v1/pool" ? { ...answer.headers, "aegis-log-head": header() } : answer.headers,
  });
};

async function newestHead(): Promise<{ size: number }> {
  let size = 0;
  for (;;) {
    const answer = await fetch(new URL(`/v1/log/entries?start=${size}&limit=1000`, pool().url));
    const { entries } = (await answer.json()) as { entries: string[] };
    if (entries.length === 0) return { size };
    size += entries.length;
  }
}

describe("a log head", () => {
  it("that another key signed is refused", async () => {
    const requester = await connectFunded(proxy().url);
    showHead(() => headOf({}, createEd25519Signer()));
    await expect(requester.describe()).rejects.toMatchObject({ code: "log-mismatch" });
  });

  it("that is missing is refused", async () => {
    const requester = await connectFunded(proxy().url);
    showHead(() => "");
    await expect(requester.describe()).rejects.toMatchObject({ code: "log-mismatch" });
  });

  it("of the same length with another root is refused at once, and nothing is believed afterwards", async () => {
    const requester = await connectFunded(pool().url);
    await requester.describe();
    const { size } = await newestHead();
    const behind = await connectFunded(proxy().url);
    await behind.describe();
    showHead(() => headOf({ size }));
    await expect(behind.describe()).rejects.toMatchObject({ code: "log-mismatch" });
    delete proxy().alter.answer;
    await expect(behind.describe()).rejects.toMatchObject({ code: "log-mismatch" });
  });

  it.each([
    ["longer", 3],
    ["shorter", -1],
  ])("of a %s log with another history is found out", async (_what, by) => {
    await ScriptedAgent.enrolled(pool());
    const requester = await connectFunded(proxy().url);
    await requester.describe();
    const { size } = await newestHead();
    const forged = headOf({ size: size + by });
    showHead(() => forged);
    await expect.poll(() => requester.describe().catch((error: { code: string }) => error.code)).toBe("log-mismatch");
  });

  it("that grows with each agent is proven, and lets the new agent in", async () => {
    const requester = await connectFunded(pool().url);
    for (let round = 0; round < 3; round++) {
      const { agent } = await ScriptedAgent.ready(pool());
      const job = await requester.map(program, ["x"], { operators: [agent.operator] });
      await agent.work();
      expect(await firstOf(job)).toMatchObject({ ok: true, agent: agent.id });
    }
  });
});

it("a pool whose key is not the one that is pinned is refused", async () => {
  const other = toHex(createEd25519Signer().publicKey);
  await expect(Pool.connect(pool().url, { key: other })).rejects.toMatchObject({ code: "pool-key-changed" });
});
