import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { adminAction, type AdminChange, fromHex, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { beforeAll, afterEach, describe, expect, it } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { agentKeys, postCertificate, postJson, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, PoolAdmin, sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
let root: PoolAdmin;

const rootSigner = () => openKeyFile(join(pool().directory, "admin.key"), createEd25519Signer);
beforeAll(async () => {
  root = new PoolAdmin(pool().client, await rootSigner());
});
/** What a test has done to the pool is undone. */
afterEach(async () => {
  const { paused, bans } = await root.status();
  if (paused !== undefined) await root.change({ do: "resume" });
  for (const { who, key } of bans) await root.change({ do: "unban", who, key: keyOf(key) });
});

const keyOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

/** Somebody with a role. */
async function withRole(role: "viewer" | "moderator" | "owner") {
  const signer = createEd25519Signer();
  await root.change({ do: "grant", key: signer.publicKey, role });
  return new PoolAdmin(pool().client, signer);
}

describe("those who run a pool", () => {
  it("see what goes on, from the role viewer on", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const viewer = await withRole("viewer");
    expect(await viewer.status()).toMatchObject({ agents: 1, tasks: { queued: 0 } });
    expect(await viewer.agents()).toMatchObject([{ agent: agent.id, operator: agent.operator, slots: 1, holds: 0 }]);
    const requester = await ScriptedRequester.create(pool().client);
    await requester.submit(["a", "b"]);
    expect((await viewer.jobs()).map(({ counts }) => counts["queued"])).toEqual([2]);
    await link.close();
  });

  it("are refused what their role does not reach, and strangers everything", async () => {
    const [viewer, moderator] = [await withRole("viewer"), await withRole("moderator")];
    const stranger = new PoolAdmin(pool().client, createEd25519Signer());
    await expect(stranger.status()).rejects.toMatchObject({ code: "not-allowed" });
    await expect(stranger.agents()).rejects.toMatchObject({ code: "not-allowed" });
    await expect(stranger.jobs()).rejects.toMatchObject({ code: "not-allowed" });
    await expect(stranger.actions()).rejects.toMatchObject({ code: "not-allowed" });
    const unsigned = await fetch(`${pool().url}/v1/admin/${toHex((await rootSigner()).publicKey)}/status`);
    expect(await unsigned.json()).toMatchObject({ error: { code: "bad-signature" } });
    await expect(viewer.change({ do: "pause", reason: "mischief" })).rejects.toMatchObject({ code: "not-allowed" });
    const set = { do: "set", name: "resultDays", value: 7 } as const;
    await expect(moderator.change(set)).rejects.toMatchObject({ message: expect.stringContaining("owner") as string });
    expect((await root.status()).paused).toBeUndefined();
  });

  it("do each thing once, however often the request is sent, and leave it in the record", async () => {
    const once = randomBytes(16);
    await root.change({ do: "pause", reason: "first" }, once);
    await root.change({ do: "resume" });
    expect((await root.change({ do: "pause", reason: "first" }, once)).paused).toBeUndefined();
    const last = await root.actions(2);
    expect(last.map(({ change }) => change)).toEqual([{ do: "resume" }, { do: "pause", reason: "first" }]);
  });

  it("are refused a parameter out of its bounds, with the bounds", async () => {
    await expect(root.change({ do: "set", name: "resultDays", value: 366 })).rejects.toMatchObject({
      ...{ code: "bad-argument", message: "resultDays can be 1 to 365 days, not 366." },
    });
  });

  it("find all as they left it when the pool was started again", async () => {
    const viewer = await withRole("viewer");
    await root.change({ do: "set", name: "resultDays", value: 9 });
    await root.change({ do: "pause", reason: "a new version" });
    await pool().restart();
    const { paused, parameters } = await viewer.status();
    expect([paused, parameters.find(({ name }) => name === "resultDays")?.value]).toEqual(["a new version", 9]);
    const requester = ScriptedRequester.create(pool().client);
    await expect(requester).rejects.toMatchObject({ code: "pool-paused" });
  });

  it("are not imitated: by another's signature, for another pool, or long ago", async () => {
    const signer = await rootSigner();
    const change: AdminChange = { do: "pause", reason: "forged" };
    const asked = {
      account: signer.publicKey,
      pool: pool().client.key,
      change,
      key: randomBytes(16),
      signedAt: Date.now(),
    };
    const send = (statement: typeof asked, by = signer) => {
      const action = Buffer.from(toCbor(signStatement(adminAction, statement, by))).toString("base64url");
      return postJson(pool().url, "/v1/admin/actions", { action });
    };
    const forged = await send(asked, createEd25519Signer());
    const elsewhere = await send({ ...asked, pool: randomBytes(32) });
    const old = await send({ ...asked, signedAt: Date.now() - 600_000 });
    expect([forged.status, elsewhere.status, old.status]).toEqual([400, 400, 403]);
    expect((await root.status()).paused).toBeUndefined();
  });
});

describe("a pool that is paused", () => {
  it("takes no work and hands none out, lets what runs end, and goes on where it was", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool(), { leases: 2 });
    const requester = await ScriptedRequester.create(pool().client);
    const releaser = await requester.connect();
    await requester.submit(["runs"]);
    const task = await agent.take(link);
    await requester.releaseNext(releaser);
    const keys = await agent.keysOf(task, link);
    await root.change({ do: "pause", reason: "a new version" });
    await expect(requester.submit(["another"])).rejects.toMatchObject({
      ...{ code: "pool-paused", message: expect.stringContaining("a new version") as string },
    });
    if (keys) link.send(agent.result(task, keys));
    await link.next("settled");
    await root.change({ do: "resume" });
    await requester.submit(["another"]);
    expect((await agent.take(link)).number).toBeGreaterThan(0);
    await releaser.close();
    await link.close();
  });

  it("hands out what was queued before only when it is resumed", async () => {
    const requester = await ScriptedRequester.create(pool().client);
    await requester.submit(["waits"]);
    const releaser = await requester.connect();
    await root.change({ do: "pause", reason: "a new version" });
    const { agent, link } = await ScriptedAgent.ready(pool());
    link.send({ type: "decline", number: 1, fence: 1, reason: "busy" });
    await link.next("refused"); // by now the pool knows that the agent would take work
    expect((await root.status()).tasks).toMatchObject({ matched: 0 });
    await root.change({ do: "resume" });
    expect((await agent.take(link)).fence).toBe(1);
    await releaser.close();
    await link.close();
  });
});

describe("who is banned", () => {
  it.each(["agent", "operator"] as const)(
    "as an %s is cut off at once, what it held goes to others, and stays out",
    async (who) => {
      const operator = createEd25519Signer();
      const { agent, link } = await ScriptedAgent.ready(pool(), { keys: agentKeys(operator) });
      const requester = await ScriptedRequester.create(pool().client);
      const releaser = await requester.connect();
      await requester.submit(["work"]);
      const { number } = await agent.take(link);
      const key = who === "agent" ? agent.keys.agent.publicKey : operator.publicKey;
      const before = (await root.status()).agents;
      link.socket.pause(); // it never answers the close
      await root.change({ do: "ban", who, key, reason: "forged results" });
      expect((await root.status()).agents).toBe(before - 1);
      link.socket.resume();
      expect(await link.closed).toBe("banned");
      const other = await ScriptedAgent.ready(pool());
      expect((await other.agent.take(other.link)).number).toBe(number);
      await expect(agent.connect()).rejects.toThrow("banned");
      await root.change({ do: "unban", who, key });
      await (await agent.connect()).close();
      await releaser.close();
      await other.link.close();
    },
  );

  it("as an operator enrols no other agents", async () => {
    const operator = createEd25519Signer();
    await root.change({ do: "ban", who: "operator", key: operator.publicKey, reason: "sold others' results" });
    const { certificate } = ScriptedAgent.stranger(pool(), { keys: agentKeys(operator) });
    expect(await (await postCertificate(pool().url, certificate)).json()).toMatchObject({ error: { code: "banned" } });
  });

  it("as a requester reserves nothing for new work, and keeps the money", async () => {
    const payer = await fundedKey(pool().client);
    await root.change({ do: "ban", who: "requester", key: payer.publicKey, reason: "stolen data" });
    const job = createEd25519Signer();
    const reserved = pool().client.reserve(job, payer, { amount: 5n, once: randomBytes(16) });
    await expect(reserved).rejects.toMatchObject({
      ...{ code: "banned", message: expect.stringContaining("stolen data") as string },
    });
    const account = new Account(pool().client, payer);
    expect((await account.balance()) > 0n && toHex(payer.publicKey) === account.id).toBe(true);
  });
});
