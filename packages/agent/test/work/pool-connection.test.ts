import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  type ConnectionProof,
  connectionProof,
  logHead,
  readStatement,
  sessionKey,
  type Signer,
  signStatement,
  toHex,
  type ToAgent,
  toAgent,
  type ToPool,
  toPool,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { Link } from "../../../../test/fixtures/link.js";
import { agentKeys, plainOffer } from "../../../../test/fixtures/scripted-agent.js";
import { PoolConnection } from "../../src/connection/pool-connection.js";
import { certify } from "../../src/identity/enrolment.js";

type PoolEnd = Link<ToAgent, ToPool>;
type Heard = readonly ["session" | "lost" | "refused" | "message", string];

/** An agent's connection to a pool that the test plays; `said` is what the agent's owner was told, as it comes. */
async function connected(pool: Signer = createEd25519Signer()) {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(sockets, "listening");
  const keys = agentKeys();
  const said: Heard[] = [];
  const attested: Uint8Array[] = [];
  const connection = new PoolConnection({
    url: `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    pool: pool.publicKey,
    keys,
    certificate: certify(keys, pool.publicKey, 1),
    offer: plainOffer,
    attest: (hpke) => {
      attested.push(hpke);
      return Promise.resolve({ report: hpke, certificates: [] });
    },
    held: () => [],
    onSession: () => void said.push(["session", ""]),
    onMessage: ({ type }) => void said.push(["message", type]),
    onLost: (reason) => void said.push(["lost", reason]),
    onRefused: (code) => void said.push(["refused", code]),
  });
  onTestFinished(() => {
    connection.close();
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  const nextEnd = async (): Promise<PoolEnd> => {
    const [socket] = (await once(sockets, "connection")) as [Link<ToAgent, ToPool>["socket"]];
    return new Link(socket, toAgent, toPool);
  };
  const arriving = nextEnd();
  void connection.connect();
  return { end: await arriving, nextEnd, said, connection, pool, attested };
}

const head = (signer: Signer, pool = signer.publicKey) =>
  signStatement(logHead, { pool, size: 1, root: new Uint8Array(32), signedAt: 1 }, signer);

/** The pool's answer to a hello: honest, but for what `change` says. */
async function challenge(end: PoolEnd, pool: Signer, change: Partial<ConnectionProof> = {}, signer = pool) {
  const { agent, nonce: agentNonce } = await end.next("hello");
  const poolNonce = primitives.randomBytes(32);
  const statement = { role: "pool", agent, pool: pool.publicKey, agentNonce, poolNonce, ...change } as const;
  const proof = signStatement(connectionProof, statement, signer);
  end.send({ type: "challenge", pool: pool.publicKey, nonce: poolNonce, proof });
}

const welcome = (pool: Signer): ToAgent => ({ type: "welcome", head: head(pool), heartbeatMs: 60_000, lost: [] });

describe("an agent's connection", () => {
  it("shows at each attempt what its machine is, about that session's own key", async () => {
    const { end, nextEnd, pool, attested } = await connected();
    await challenge(end, pool);
    const first = await end.next("prove");
    const coming = nextEnd();
    await end.close();
    const again = await coming;
    await challenge(again, pool);
    const second = await again.next("prove");
    for (const { session, attestation } of [first, second]) {
      expect(readStatement(sessionKey, session)?.hpke).toEqual(attestation?.report);
    }
    expect(attested.map(toHex)).toEqual([first, second].map(({ attestation }) => toHex(attestation!.report)));
    expect(new Set(attested.map(toHex)).size).toBe(2);
  });

  it("stands once the pool has proven its key and welcomed it", async () => {
    const { end, said, pool } = await connected();
    await challenge(end, pool);
    await end.next("prove");
    end.send(welcome(pool), { type: "revoke", number: 1, fence: 1, reason: "x" });
    await expect
      .poll(() => said)
      .toEqual([
        ["session", ""],
        ["message", "revoke"],
      ]);
  });

  it("is closed by a welcome from a pool that has proven nothing, though it shows a head that the real one signed", async () => {
    const { end, said, pool } = await connected();
    await end.next("hello");
    end.send(welcome(pool));
    expect(await end.closed).toBe("bad-message");
    expect(said).toEqual([]);
  });

  it("is closed by work from a pool that has proven nothing", async () => {
    const { end, said } = await connected();
    await end.next("hello");
    end.send({ type: "revoke", number: 1, fence: 1, reason: "x" });
    expect(await end.closed).toBe("bad-message");
    expect(said).toEqual([]);
  });

  it("is closed by a second challenge or a second welcome", async () => {
    for (const again of ["challenge", "welcome"] as const) {
      const { end, pool } = await connected();
      await challenge(end, pool);
      const { proof } = await end.next("prove");
      end.send(welcome(pool));
      if (again === "welcome") end.send(welcome(pool));
      else end.send({ type: "challenge", pool: pool.publicKey, nonce: new Uint8Array(32), proof });
      expect(await end.closed).toBe("bad-message");
    }
  });

  it("ends for good when the pool's key is not the one that is pinned", async () => {
    const { end, said } = await connected();
    await challenge(end, createEd25519Signer());
    await end.closed;
    expect(said).toEqual([["refused", "pool-key-changed"]]);
  });

  it.each<[string, Partial<ConnectionProof>, Signer | undefined]>([
    ["signed by another key", {}, createEd25519Signer()],
    ["made for another nonce, replayed", { agentNonce: new Uint8Array(32) }, undefined],
    ["made for another agent", { agent: new Uint8Array(32) }, undefined],
    ["made as an agent's", { role: "agent" }, undefined],
  ])("ends for good with a proof %s, and proves nothing itself", async (_what, change, signer) => {
    const { end, said, pool } = await connected();
    await challenge(end, pool, change, signer);
    await end.closed;
    expect(said).toEqual([["refused", "bad-signature"]]);
    expect(end.unread("prove")).toBe(0);
  });

  it("ends for good when a later head is not signed by the pool's key", async () => {
    const { end, said, pool } = await connected();
    await challenge(end, pool);
    await end.next("prove");
    end.send(welcome(pool), { type: "head", head: head(createEd25519Signer(), pool.publicKey) });
    await end.closed;
    expect(said).toEqual([
      ["session", ""],
      ["refused", "bad-signature"],
    ]);
  });

  it.each([
    ["no CBOR", Uint8Array.of(1, 0xff)],
    ["another version", Uint8Array.of(2, 0x80)],
    ["an unknown message", Buffer.concat([Uint8Array.of(1), Uint8Array.of(0x81, 0xa1, 0x61, 0x61, 0x01)])],
  ])("is made again, with a new proof, after a frame of %s", async (_what, frame) => {
    const { end, nextEnd, pool } = await connected();
    await challenge(end, pool);
    const first = await end.next("prove");
    const returning = nextEnd();
    end.sendBytes(frame);
    await end.closed;
    const second = await returning;
    await challenge(second, pool);
    expect((await second.next("prove")).session.body).not.toEqual(first.session.body);
  });

  it("is made again after an error whose code has more bytes than a close frame holds", async () => {
    const { end, nextEnd, pool } = await connected();
    await end.next("hello");
    const returning = nextEnd();
    end.send({ type: "error", code: "的".repeat(64), message: "" });
    expect(await end.closed).toBe("的".repeat(41));
    await challenge(await returning, pool);
  });
});
