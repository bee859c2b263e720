import { type AgentCertificate, toCbor } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { agentKeys, certify, postCertificate, postJson } from "../../../../test/fixtures/scripted-agent.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

describe("enrolment", () => {
  it.each<[string, (honest: AgentCertificate) => unknown]>([
    ["the operator's signature", (honest) => ({ ...honest, operatorSignature: honest.agentSignature })],
    ["the agent's signature", (honest) => ({ ...honest, agentSignature: honest.operatorSignature })],
    ["the secp256k1 signature", (honest) => ({ ...honest, evmSignature: new Uint8Array(64) })],
  ])("is refused where %s is wrong", async (_what, forge) => {
    const honest = certify(agentKeys(), pool().client.key, Date.now());
    const answer = await postCertificate(pool().url, forge(honest));
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: "bad-signature" } }]);
  });

  it("is refused where a signature is missing, or the certificate is none", async () => {
    const { evmSignature: _missing, ...partial } = certify(agentKeys(), pool().client.key, Date.now());
    for (const certificate of [partial, {}, "certificate", [1, 2]]) {
      const answer = await postCertificate(pool().url, certificate);
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "bad-message" } }]);
    }
  });

  it("is refused with a certificate for another pool", async () => {
    const foreign = certify(agentKeys(), createEd25519Signer().publicKey, Date.now());
    expect((await postCertificate(pool().url, foreign)).status).toBe(403);
  });

  it("of an agent that another operator has enrolled is refused", async () => {
    const keys = agentKeys();
    expect((await postCertificate(pool().url, certify(keys, pool().client.key, 1))).status).toBe(201);
    const stolen = certify({ ...keys, operator: createEd25519Signer() }, pool().client.key, 2);
    expect((await postCertificate(pool().url, stolen)).status).toBe(403);
  });

  it("again changes nothing, also when it comes several times at once", async () => {
    const certificate = certify(agentKeys(), pool().client.key, Date.now());
    const answers = await Promise.all(Array.from({ length: 5 }, () => postCertificate(pool().url, certificate)));
    const places = await Promise.all(answers.map(async (answer) => (await answer.json()) as { logIndex: number }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(places.map(({ logIndex }) => logIndex)).size).toBe(1);
  });
});

const revoke = (value: unknown) =>
  postJson(pool().url, "/v1/agents/revoke", { revocation: Buffer.from(toCbor(value)).toString("base64url") });

describe("revocation", () => {
  it("is refused where it cannot be read or nobody knows the agent", async () => {
    expect((await revoke("nonsense")).status).toBe(400);
    const unknown = await revoke({ body: toCbor({ any: "body" }), signature: new Uint8Array(64) });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: "not-found" } }]);
  });
});
