import { openStatement, type ReceiptStatement, receiptStatement } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account } from "../../packages/sdk/src/index.js";
import { fundedKey } from "../fixtures/accounts.js";
import { present } from "../fixtures/present.js";
import { agentKeys, type AgentLink, ScriptedAgent, type TakenTask } from "../fixtures/scripted-agent.js";
import { ScriptedRequester } from "../fixtures/scripted-requester.js";
import { KillablePool } from "./children/killable-pool.js";

let pool: KillablePool;

beforeAll(async () => {
  pool = await KillablePool.start();
});

afterAll(() => pool.remove());

const onceOf = (number: number): Buffer => Buffer.alloc(16).fill(`transfer ${number}`);

describe("a pool that is killed again and again while money moves", () => {
  it("has every transfer that it acknowledged, and none twice", async () => {
    const signer = createEd25519Signer();
    const acknowledged: number[] = [];
    for (let round = 0; round < 5; round++) {
      const account = new Account(pool.client, signer);
      const first = acknowledged.length;
      // eight at a time, so that commits are shared, until the pool is gone
      const pay = async (lane: number) => {
        for (let number = round * 10_000 + lane; ; number += 8) {
          await account.fund(BigInt(number + 1), onceOf(number));
          acknowledged.push(number);
        }
      };
      const lanes = Array.from({ length: 8 }, (_, lane) => pay(lane).catch(() => undefined));
      await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(first + 30 + round * 17);
      await pool.killAndRestart();
      await Promise.all(lanes);
    }
    const account = new Account(pool.client, signer);
    const lines = new Map<string, bigint>();
    for await (const { key, amount } of account.statement()) lines.set(key.slice(64), amount);
    const expected = acknowledged.map((number) => [onceOf(number).toString("hex"), BigInt(number + 1)] as const);
    expect(expected.filter(([key, amount]) => lines.get(key) !== amount)).toEqual([]);
    const before = await account.balance();
    expect(before).toBe([...lines.values()].reduce((sum, amount) => sum + amount, 0n));
    for (const number of acknowledged.slice(-20)) await account.fund(BigInt(number + 1), onceOf(number));
    expect(await account.balance()).toBe(before);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});

/** A task on its way, and how far it has come. */
interface Journey {
  readonly agent: ScriptedAgent;
  readonly requester: ScriptedRequester;
  link: AgentLink;
  task?: TakenTask;
  result?: ReturnType<ScriptedAgent["result"]>;
}

const steps: Readonly<Record<string, (journey: Journey) => Promise<void>>> = {
  submitted: async () => undefined,
  offered: async ({ link, requester }) => {
    await requester.connect();
    await link.next("offer");
  },
  accepted: async (journey) => {
    await journey.requester.connect();
    journey.task = await journey.agent.take();
  },
  running: run,
  "answered, and the answer on its way": async (journey) => {
    await run(journey);
    journey.link.send(present(journey.result));
  },
  "answered, and its receipt on its way": async (journey) => {
    await run(journey);
    journey.link.send(present(journey.result));
    await expect.poll(async () => (await pool.client.job(journey.requester.secret.signer)).counts.completed).toBe(1);
  },
  settled: async (journey) => {
    await run(journey);
    journey.link.send(present(journey.result));
    await journey.link.next("settled");
  },
};

/** Until the agent could answer. */
async function run(journey: Journey): Promise<void> {
  const { agent, requester } = journey;
  const releaser = await requester.connect();
  const task = await agent.take();
  await requester.releaseNext(releaser);
  journey.task = task;
  journey.result = agent.result(task, present(await agent.keysOf(task)));
}

/** To its end, from wherever the kill has left it. */
async function goOn(journey: Journey): Promise<ReceiptStatement> {
  const { agent, task, result } = journey;
  journey.link = await agent.connect(result && task ? [task] : []);
  if (!result) {
    journey.link.send({ type: "capacity", leases: 1 });
    await run(journey);
  }
  journey.link.send(present(journey.result));
  const { receipt } = await journey.link.next("settled");
  return present(openStatement(receiptStatement, receipt, pool.client.key, primitives));
}

describe("a pool that is killed when a task is", () => {
  it.each(Object.entries(steps))("%s pays for it once", async (_, step) => {
    const keys = agentKeys();
    const { client } = pool;
    const { agent, link } = await ScriptedAgent.ready(pool.forAgents, { keys });
    const payer = await fundedKey(client, 500_000n);
    const requester = await ScriptedRequester.create(client, { operators: [agent.operator] }, { reserved: 0n });
    const { signer } = requester.secret;
    await client.reserve(signer, payer, { amount: 400_000n, once: primitives.randomBytes(16) });
    await requester.submit(["one"]);
    const journey: Journey = { agent, requester, link };
    await step(journey);
    await pool.killAndRestart();
    const receipt = await goOn(journey);
    expect(receipt.payment).toBe("paid");
    journey.link.send(present(journey.result)); // once more
    await journey.link.next("settled");
    const [charge, reward] = [BigInt(receipt.charge), BigInt(receipt.reward)];
    expect(await pool.client.releaseFunds(signer)).toBe(400_000n - charge);
    expect(await new Account(pool.client, payer).balance()).toBe(500_000n - charge);
    expect(await new Account(pool.client, keys.operator).balance("operator")).toBe(reward);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});
