import { agentRevocation, connectionProof, sessionKey, signStatement, toCbor } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { agentKeys, postJson, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const nonce = primitives.randomBytes(32);

/** A connection whose challenge has come. */
async function challenged(agent: ScriptedAgent) {
  const link = await agent.open();
  link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
  return { link, challenge: await link.next("challenge") };
}

async function revoke(agent: ScriptedAgent, operator = agent.keys.operator) {
  const statement = {
    operator: operator.publicKey,
    agent: agent.keys.agent.publicKey,
    pool: pool().client.key,
    revokedAt: Date.now(),
  };
  const revocation = signStatement(agentRevocation, statement, operator);
  return postJson(pool().url, "/v1/agents/revoke", {
    revocation: Buffer.from(toCbor(revocation)).toString("base64url"),
  });
}

describe("an agent's handshake", () => {
  it("is refused with a proof from another connection", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const first = await challenged(agent);
    const prove = await agent.prove(first.challenge, nonce);
    const second = await challenged(agent);
    second.link.send(prove);
    expect(await second.link.next("error")).toMatchObject({ code: "bad-signature" });
    expect(await second.link.closed).toBe("bad-signature");
  });

  it("is refused with a proof that was made for another pool", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const { link, challenge } = await challenged(agent);
    const honest = await agent.prove(challenge, nonce);
    const other = createEd25519Signer().publicKey;
    const both = { agent: agent.keys.agent.publicKey, agentNonce: nonce, poolNonce: challenge.nonce };
    const proof = signStatement(connectionProof, { ...both, role: "agent", pool: other }, agent.keys.agent);
    link.send({ ...honest, proof });
    expect(await link.next("error")).toMatchObject({ code: "bad-signature" });
  });

  it("is refused with the pool's own proof sent back to it", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const { link, challenge } = await challenged(agent);
    link.send({ ...(await agent.prove(challenge, nonce)), proof: challenge.proof });
    expect(await link.next("error")).toMatchObject({ code: "bad-signature" });
  });

  it("is refused when a nonce is relayed from another connection of the same agent", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const { link, challenge } = await challenged(agent);
    const honest = await agent.prove(challenge, nonce);
    const agentKey = agent.keys.agent.publicKey;
    const statement = { role: "agent", agent: agentKey, pool: pool().client.key } as const;
    const relayed = { ...statement, agentNonce: primitives.randomBytes(32), poolNonce: challenge.nonce };
    link.send({ ...honest, proof: signStatement(connectionProof, relayed, agent.keys.agent) });
    expect(await link.next("error")).toMatchObject({ code: "bad-signature" });
  });

  it("is refused with a proof before any hello, with two hellos, and with work before the proof", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const first = await challenged(agent);
    const prove = await agent.prove(first.challenge, nonce);
    const early = await agent.open();
    early.send(prove);
    expect(await early.next("error")).toMatchObject({ code: "bad-message" });
    first.link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
    expect(await first.link.next("error")).toMatchObject({ code: "bad-message" });
    const working = await challenged(agent);
    working.link.send({ type: "capacity", leases: 5 });
    expect(await working.link.next("error")).toMatchObject({ code: "bad-message" });
  });

  it("is over once: a second hello closes the connection", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const link = await agent.connect();
    link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
    expect(await link.closed).toBe("bad-message");
  });

  it.each([
    ["of several slots", { class: "webgpu", engines: ["webgpu"], slots: 2 }],
    ["of cores", { class: "cpu", engines: ["js"], slots: 1 }],
  ] as const)("is refused with a card in an offer %s, whose parts would be paid as wholes", async (_what, rest) => {
    const card = { thousandths: 500, memoryBytes: 1 };
    const agent = await ScriptedAgent.enrolled(pool(), { offer: { ...rest, engines: [...rest.engines], card } });
    const { link, challenge } = await challenged(agent);
    link.send(await agent.prove(challenge, nonce));
    expect(await link.next("error")).toMatchObject({ code: "bad-message" });
  });

  it("is refused to a key that is not enrolled, or enrolled under another certificate", async () => {
    const stranger = ScriptedAgent.stranger(pool());
    const first = await challenged(stranger);
    first.link.send(await stranger.prove(first.challenge, nonce));
    expect(await first.link.next("error")).toMatchObject({ code: "not-found" });
    const agent = await ScriptedAgent.enrolled(pool());
    const second = await challenged(agent);
    const prove = await agent.prove(second.challenge, nonce);
    second.link.send({ ...prove, certificate: { ...agent.certificate, body: prove.session.body.slice(0, 900) } });
    expect(await second.link.next("error")).toMatchObject({ code: "bad-signature" });
  });

  it.each([
    ["was made for another pool", { pool: primitives.randomBytes(32) }],
    ["has expired", { notBefore: Date.now() - 90_000_000, notAfter: Date.now() - 1_000_000 }],
    ["is not valid yet", { notBefore: Date.now() + 9_000_000, notAfter: Date.now() + 10_000_000 }],
    ["lives longer than a day", { notAfter: Date.now() + 10 * 86_400_000 }],
    ["names another agent", { agent: primitives.randomBytes(32) }],
  ])("is refused with a session key that %s", async (_what, change) => {
    const agent = await ScriptedAgent.enrolled(pool());
    const { link, challenge } = await challenged(agent);
    const statement = {
      agent: agent.keys.agent.publicKey,
      pool: pool().client.key,
      hpke: primitives.randomBytes(32),
      notBefore: Date.now(),
      notAfter: Date.now() + 3_600_000,
      ...change,
    };
    const session = signStatement(sessionKey, statement, agent.keys.agent);
    link.send({ ...(await agent.prove(challenge, nonce)), session });
    expect(await link.next("error")).toMatchObject({ code: "stale-session" });
  });
});

describe("an enrolled agent", () => {
  it("loses its first connection to its second", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const first = await agent.connect();
    await agent.connect();
    expect(await first.closed).toContain("replaced");
    expect((await pool().client.describe()).agents).toBeGreaterThan(0);
  });

  it("is cut off when its operator revokes it, even if it will not close, and cannot return", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool());
    const before = (await pool().client.describe()).agents;
    link.socket.pause(); // it never answers the close
    expect((await revoke(agent)).status).toBe(200);
    expect((await pool().client.describe()).agents).toBe(before - 1);
    const again = await challenged(agent);
    again.link.send(await agent.prove(again.challenge, nonce));
    expect(await again.link.next("error")).toMatchObject({ code: "certificate-revoked" });
    await expect(ScriptedAgent.enrolled(pool(), { keys: agent.keys })).rejects.toThrow("certificate-revoked");
    link.socket.terminate();
  });

  it("cannot be revoked by anybody but its operator", async () => {
    const agent = await ScriptedAgent.enrolled(pool());
    const answer = await revoke(agent, agentKeys().operator);
    expect(await answer.json()).toMatchObject({ error: { code: "bad-signature" } });
    const link = await agent.connect();
    await link.close();
  });
});
