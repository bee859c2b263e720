import type { SettlementStatement } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account, type Earning } from "../../packages/sdk/src/index.js";
import { present } from "../fixtures/present.js";
import { agentKeys, type AgentLink, ScriptedAgent, type TakenTask } from "../fixtures/scripted-agent.js";
import { type ReleaserLink, ScriptedRequester } from "../fixtures/scripted-requester.js";
import { KillablePool } from "./children/killable-pool.js";

const dayMs = 24 * 3_600_000;
const funded = 500_000n;
const reserved = 400_000n;

let pool: KillablePool;
beforeAll(async () => {
  pool = await KillablePool.start();
});
afterAll(() => pool.remove());

/** One agent, and what it has of a task. */
class Runner {
  readonly agent: ScriptedAgent;
  link: AgentLink;
  task: TakenTask | undefined;
  result: ReturnType<ScriptedAgent["result"]> | undefined;

  private constructor(agent: ScriptedAgent, link: AgentLink) {
    this.agent = agent;
    this.link = link;
  }

  static async ready(): Promise<Runner> {
    const { agent, link } = await ScriptedAgent.ready(pool.forAgents, { keys: agentKeys() });
    return new Runner(agent, link);
  }

  get account(): Account {
    return new Account(pool.client, this.agent.keys.operator);
  }

  async take(): Promise<void> {
    this.task = await this.agent.take();
  }

  async run(requester: ScriptedRequester, releaser: ReleaserLink): Promise<void> {
    const task = present(this.task);
    await requester.releaseNext(releaser);
    this.result = this.agent.result(task, present(await this.agent.keysOf(task)));
  }

  answer(): void {
    this.link.send(present(this.result));
  }

  /** Back at a pool that was killed: what it has run it sends again, until the pool has answered; then it leaves. */
  async return(): Promise<void> {
    this.link = await this.agent.connect(this.result && this.task ? [this.task] : []);
    if (this.result) {
      this.answer();
      await this.link.next("settled");
    }
    await this.link.close();
  }

  async earnings(): Promise<Earning[]> {
    const earnings: Earning[] = [];
    for await (const earning of this.account.earnings()) earnings.push(earning);
    return earnings;
  }

  /** What came in for results, line by line of the statement. */
  async rewards(): Promise<{ readonly key: string; readonly amount: bigint }[]> {
    const rewards = [];
    for await (const { kind, key, amount } of this.account.statement("operator"))
      if (kind === "reward") rewards.push({ key, amount });
    return rewards;
  }
}

/** A result that is being checked, and how far that has come. */
interface Journey {
  readonly first: Runner;
  readonly other: Runner;
  readonly requester: ScriptedRequester;
  readonly payer: ReturnType<typeof createEd25519Signer>;
  readonly releaser: ReleaserLink;
  readonly replicate: () => Promise<void>;
}

async function begin(): Promise<Journey> {
  const { client } = pool;
  const payer = createEd25519Signer();
  await new Account(client, payer).fund(funded);
  const [first, operators] = [await Runner.ready(), { verify: "quorum" }] as const;
  const requester = await ScriptedRequester.create(client, operators, { reserved: 0n });
  await client.reserve(requester.secret.signer, payer, { amount: reserved, once: primitives.randomBytes(16) });
  const releaser = await requester.connect();
  const [sealed] = await requester.submit(["one"]);
  await first.take();
  const other = await Runner.ready();
  const replicate = async () => {
    const { of } = await releaser.next("replicate");
    const [replica] = requester.seal([], {}, present(sealed));
    releaser.send({ type: "replica", of, manifest: present(replica).manifest });
  };
  return { first, other, requester, payer, releaser, replicate };
}

/** Each goes on where the one before it has ended. */
const steps: readonly (readonly [string, (journey: Journey) => Promise<void> | void])[] = [
  ["run", ({ first, requester, releaser }) => first.run(requester, releaser)],
  ["answered, and the answer on its way", ({ first }) => first.answer()],
  ["held", async ({ first }) => void (await first.link.next("settled"))],
  ["being checked, under another number that is on its way", ({ replicate }) => replicate()],
  ["given to another", ({ other }) => other.take()],
  ["run by another", ({ other, requester, releaser }) => other.run(requester, releaser)],
  ["answered by another, and that answer on its way", ({ other }) => other.answer()],
  ["committed to by two", async ({ other }) => void (await other.link.next("settled"))],
  ["shown by one", async ({ first }) => void (await first.agent.reveal())],
  ["shown by both, and its settlement on its way", async ({ other }) => void (await other.agent.reveal())],
  ["settled", async ({ releaser }) => void (await releaser.next("checked"))],
];

const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
const paidOf = ({ reward, fee, withheld }: SettlementStatement) => BigInt(reward) + BigInt(fee) + BigInt(withheld);

/** What the settlements of a journey's results paid, each of them once, to whom it was due. */
async function settledOf({ first, other }: Journey): Promise<SettlementStatement[]> {
  const settlements: SettlementStatement[] = [];
  for (const runner of [first, other]) {
    const earnings = await runner.earnings();
    expect(earnings.length).toBe(runner.result ? 1 : 0);
    const settled = earnings.map(({ settlement }) => present(settlement));
    expect((await runner.rewards()).map(({ amount }) => amount)).toEqual(settled.map(({ reward }) => BigInt(reward)));
    expect(await runner.account.unsettled()).toEqual({ held: 0n, owed: 0n });
    settlements.push(...settled);
  }
  return settlements;
}

const places = steps.map(([name], index) => [name, index] as const);

describe("a pool that is killed when a held result is", () => {
  const journeys: Journey[] = [];

  it.each(places)("%s holds it still", async (_, last) => {
    const journey = await begin();
    for (const [, step] of steps.slice(0, last + 1)) await step(journey);
    await pool.killAndRestart();
    const { first, other } = journey;
    await first.return();
    await other.return();
    for (const { verified } of await first.earnings()) expect(verified?.receipt.payment).toBe("held");
    journeys[last] = journey;
  });

  it("anywhere holds nothing any more after a day without its requester, and is killed once more", async () => {
    await pool.killAndRestart(dayMs);
    await expect.poll(async () => (await pool.client.books()).totals.get("held")).toBe(0n);
    await pool.killAndRestart(); // as early as before: a request that is a day old is refused
  });

  it.each(places)("%s has then settled it once", async (_, last) => {
    const journey = present(journeys[last]);
    const spent = sumOf((await settledOf(journey)).map(paidOf));
    const { payer, requester } = journey;
    expect(await pool.client.releaseFunds(requester.secret.signer)).toBe(reserved - spent);
    expect(await new Account(pool.client, payer).balance()).toBe(funded - spent);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});
