import { chargeFor, openStatement, type ReceiptStatement, receiptStatement, type Signed } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const once = () => createEd25519Signer().publicKey.slice(0, 16);
/** At most 7 SCU-seconds at 4,000 nAIS: 28,000 nAIS. */
const bounds = { maxWork: 7_000_000, maxPrice: 4_000n };
const worst = 28_000n;

/** A job of an account that holds `funds` nAIS and has set `reserved` of it aside, and an agent for it alone. */
async function market({ funds = 100_000n, reserved = 60_000n, options = {}, offer = {} } = {}) {
  const keys = agentKeys();
  const { agent, link } = await ScriptedAgent.ready(pool(), { keys, leases: 2, offer });
  const job = { ...bounds, operators: [agent.operator], ...options };
  const requester = await ScriptedRequester.create(pool().client, job, { reserved: 0n });
  const payer = await fundedKey(pool().client, funds);
  if (reserved > 0n) await pool().client.reserve(requester.secret.signer, payer, { amount: reserved, once: once() });
  const accounts = { payer: new Account(pool().client, payer), operator: new Account(pool().client, keys.operator) };
  return { agent, link, requester, payer, accounts };
}

/** Runs the job's next task for `ms` by the pool's clock; its receipt. */
async function runOne({ agent, link, requester }: Awaited<ReturnType<typeof market>>, ms: number) {
  const releaser = await requester.connect();
  const task = await agent.take();
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task));
  pool().clock.advance(ms);
  const result = agent.result(task, keys);
  link.send(result);
  const receipt = read((await link.next("settled")).receipt);
  return { receipt, result };
}

function read(receipt: Signed): ReceiptStatement {
  return present(openStatement(receiptStatement, receipt, pool().client.key, primitives));
}

async function sumOfBooks(): Promise<string> {
  return ((await pool().client.getJson("/v1/books")) as { sum: string }).sum;
}

describe("a task", () => {
  it("is paid from its job's escrow when its result is there, and what is left goes back", async () => {
    const there = await market();
    const { requester, accounts } = there;
    await requester.submit(["one"]);
    const { receipt } = await runOne(there, 500);
    const { charge, reward, fee } = chargeFor({ ...priced(receipt), leaseMs: 500, maxWork: bounds.maxWork });
    expect(receipt).toMatchObject({
      payment: "paid",
      charge: String(charge),
      reward: String(reward),
      fee: String(fee),
    });
    expect(fee).toBeGreaterThan(0n);
    expect(await accounts.operator.balance("operator")).toBe(reward);
    expect(await accounts.payer.balance()).toBe(40_000n);
    expect(await pool().client.releaseFunds(requester.secret.signer)).toBe(60_000n - charge);
    expect(await accounts.payer.balance()).toBe(100_000n - charge);
    expect(await sumOfBooks()).toBe("0");
  });

  it("is paid once when two results arrive", async () => {
    const there = await market();
    await there.requester.submit(["one"]);
    const { receipt, result } = await runOne(there, 500);
    there.link.send(result, result);
    await there.link.next("settled");
    await there.link.next("settled");
    expect(await there.accounts.operator.balance("operator")).toBe(BigInt(receipt.reward));
  });

  it.each(["0", String(2n ** 63n), "-1", "1.5"])("is refused at a price of %s", async (maxPrice) => {
    const { requester } = await market();
    await expect(requester.submit(["one"], { maxPrice })).rejects.toMatchObject({ code: "bad-signature" });
  });

  it("is paid after a restart of the pool between its match and its receipt", async () => {
    const there = await market();
    const { agent, requester, accounts } = there;
    await requester.submit(["one"]);
    const releaser = await requester.connect();
    const task = await agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    await pool().restart();
    expect(await pool().client.releaseFunds(requester.secret.signer)).toBe(60_000n - worst); // it may still cost that
    const link = await agent.connect([task]);
    link.send(agent.result(task, keys));
    const receipt = read((await link.next("settled")).receipt);
    expect(receipt.payment).toBe("paid");
    const charge = BigInt(receipt.charge);
    expect(await pool().client.releaseFunds(requester.secret.signer)).toBe(worst - charge);
    expect(await accounts.payer.balance()).toBe(100_000n - charge);
    expect(await sumOfBooks()).toBe("0");
  });
});

describe("tasks", () => {
  it("are queued only where all they may cost is set aside", async () => {
    const { requester, payer } = await market({ reserved: 3n * worst - 1n });
    await requester.submit(["one", "two"]);
    await expect(requester.submit(["three"])).rejects.toMatchObject({
      code: "insufficient-funds",
      message: "The job's escrow has 27999 nAIS free; 28000 nAIS are needed.",
    });
    await pool().client.reserve(requester.secret.signer, payer, { amount: 1n, once: once() });
    await requester.submit(["three"]);
    expect((await pool().client.job(requester.secret.signer)).counts.queued).toBe(3);
  });

  it("need their money once, however often they are submitted, also when some are over", async () => {
    const there = await market({ reserved: 2n * worst });
    const { requester } = there;
    const sealed = requester.seal(["one", "two"]);
    const submit = () => pool().client.submit(requester.secret.signer, sealed);
    await submit();
    await submit();
    await runOne(there, 900);
    expect(await submit()).toEqual([]);
  });

  it("that wait or run keep theirs when the rest is given back", async () => {
    const { requester, accounts } = await market({ reserved: 2n * worst + 5n });
    await requester.submit(["one", "two"]);
    expect(await pool().client.releaseFunds(requester.secret.signer)).toBe(5n);
    expect(await pool().client.releaseFunds(requester.secret.signer)).toBe(0n);
    expect(await accounts.payer.balance()).toBe(100_000n - 2n * worst);
  });

  it("whose numbers others have taken keep nothing", async () => {
    const [first, second] = [await market(), await market()];
    await second.requester.connect(); // the pool keeps the job in mind
    const [taken] = await first.requester.submit(["one"]);
    await second.requester.submit(["two"], { number: present(taken).number });
    expect(await pool().client.releaseFunds(second.requester.secret.signer)).toBe(60_000n);
  });

  it("that are cancelled cost nothing", async () => {
    const { requester, accounts, agent } = await market();
    await requester.submit(["one", "two"]);
    const releaser = await requester.connect();
    await agent.take();
    await requester.releaseNext(releaser);
    await pool().client.cancel(requester.secret.signer);
    expect(await accounts.payer.balance()).toBe(100_000n);
  });
});

describe("a reservation", () => {
  it("is made once, however often it is sent, and from what the account has", async () => {
    const { requester, payer, accounts } = await market({ reserved: 0n });
    const { signer } = requester.secret;
    await requester.connect(); // the pool keeps the job in mind
    const reserve = (amount: bigint, key: Uint8Array) => pool().client.reserve(signer, payer, { amount, once: key });
    const key = once();
    await reserve(60_000n, key);
    await reserve(60_000n, key);
    expect(await accounts.payer.balance()).toBe(40_000n);
    expect(await pool().client.releaseFunds(signer)).toBe(60_000n);
    await reserve(60_000n, key); // done before: it stays where it has gone since
    expect(await pool().client.releaseFunds(signer)).toBe(0n);
    await reserve(60_000n, once());
    await expect(reserve(59_999n, key)).rejects.toMatchObject({ code: "transfer-refused" });
    await expect(reserve(40_001n, once())).rejects.toMatchObject({
      code: "insufficient-funds",
      message: "The account has 40000 nAIS free; 40001 nAIS are needed.",
      next: expect.stringContaining("aegis account fund") as string,
    });
    expect(await accounts.payer.balance()).toBe(40_000n);
  });

  it("is refused to a second account, and to who has not the job's key", async () => {
    const { requester, payer } = await market();
    const asked = { amount: 1n, once: once() };
    const second = await fundedKey(pool().client);
    await expect(pool().client.reserve(requester.secret.signer, second, asked)).rejects.toMatchObject({
      code: "transfer-refused",
    });
    const { publicKey } = requester.secret.signer;
    const thief = { ...createEd25519Signer(), publicKey };
    await expect(pool().client.reserve(thief, payer, asked)).rejects.toMatchObject({ code: "bad-signature" });
  });
});

function priced({ price, work }: ReceiptStatement): { price: bigint; speed: number } {
  return { price: BigInt(price), speed: work * 2 }; // it ran for half a second
}
