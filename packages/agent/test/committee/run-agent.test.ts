import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectionProof,
  logHead,
  type Offer,
  rosterNameOf,
  type Signer,
  signStatement,
  type ToAgent,
  toAgent,
  toHex,
  type ToPool,
  toPool,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { Link } from "../../../../test/fixtures/link.js";
import type { LentDevice } from "../../src/devices/device.js";
import { type AgentOptions, startAgent } from "../../src/start-agent.js";
import { ScriptedEngines } from "../work/table.js";
import { filled } from "./stand-in.js";

/** A device that runs nothing. */
const device = (lentClass: "cpu" | "webgpu"): LentDevice => ({
  class: lentClass,
  lent: { slots: 1, cpuPercentPerSlot: 50, memoryBytesPerSlot: 2 ** 24, wholeMachine: false },
  engines: new ScriptedEngines(),
  speeds: () => Promise.resolve({ fp32FlopsPerSecond: 1, memoryBytesPerSecond: 1 }),
  canCompute: () => false,
  compute: () => Promise.reject(new TypeError("nothing is computed here")),
});

/** A pool that the test plays, to which an agent has connected as `options` say. */
async function connected(options: Partial<AgentOptions> = {}) {
  const pool = createEd25519Signer();
  const http = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: "aegis-pool", key: toHex(pool.publicKey) }));
  });
  const sockets = new WebSocketServer({ server: http });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const directory = mkdtempSync(join(tmpdir(), "aegis-member-"));
  const arriving = once(sockets, "connection") as Promise<[Link<ToAgent, ToPool>["socket"]]>;
  const agent = await startAgent({
    pool: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    ...{ directory, share: "cpu=50%", device: device("cpu"), attestation: "off" },
    onEvent: () => undefined,
    ...options,
  });
  const [socket] = await arriving;
  const end = new Link(socket, toAgent, toPool);
  onTestFinished(async () => {
    await agent.leave();
    socket.terminate();
    http.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { agent, end, offer: await welcome(end, pool) };
}

/** Proves the pool's key, and takes the agent in; @returns what it offers */
async function welcome(end: Link<ToAgent, ToPool>, pool: Signer): Promise<Offer> {
  const { agent, nonce: agentNonce } = await end.next("hello");
  const poolNonce = filled(4);
  const said = { role: "pool", agent, pool: pool.publicKey, agentNonce, poolNonce } as const;
  const proof = signStatement(connectionProof, said, pool);
  end.send({ type: "challenge", pool: pool.publicKey, nonce: poolNonce, proof });
  const { offer } = await end.next("prove");
  const head = signStatement(logHead, { pool: pool.publicKey, size: 1, root: filled(0), signedAt: 1 }, pool);
  end.send({ type: "welcome", head, heartbeatMs: 60_000, lost: [] });
  return offer;
}

function opening(agent: string): Extract<ToAgent, { type: "committee-open" }> {
  const members = [Buffer.from(agent, "hex"), filled(1), filled(2), filled(3)];
  const participants = Array.from({ length: 5 }, (_, place) => filled(10 + place));
  const known = { run: filled(6), floor: 5, participants, body: filled(7) };
  return {
    ...{ type: "committee-open", number: 5, round: 1, attempt: 1, run: filled(6), rosterBody: known.body },
    roster: rosterNameOf(known, primitives),
    ...{ shape: { size: 4, threshold: 1 }, member: 0, agents: members, participants, groupOf: [0, 0, 0, 0, 0] },
    ...{ floor: 5, length: 8 },
  };
}

it("offers an agent of the cores for committees, and answers as a member", async () => {
  const { agent, end, offer } = await connected();
  expect(offer.engines).toEqual(["js", "aggregate"]);
  end.send(opening(agent.key));
  expect(await end.next("committee-keys")).toMatchObject({ number: 5, round: 1, attempt: 1 });
  await agent.leave();
});

it("offers no card for committees, and no cores whose owner does not want it", async () => {
  const [unwilling, card] = [await connected({ committee: false }), await connected({ device: device("webgpu") })];
  expect([unwilling.offer.engines, card.offer.engines]).toEqual([["js"], []]);
});
