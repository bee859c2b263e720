import {
  accountRequest,
  protocolLimits,
  signStatement,
  type TestFunding,
  testFunding,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { Account, sharedPool, startTestPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const once = new Uint8Array(16).fill(7);

/** A request for test money as anybody might send it. */
async function ask(change: Partial<TestFunding> = {}, signer = createEd25519Signer()) {
  const asked = { account: signer.publicKey, pool: pool().client.key, amount: "500", key: once };
  const signed = signStatement(testFunding, { ...asked, signedAt: pool().clock.now(), ...change }, signer);
  return post(Buffer.from(toCbor(signed)).toString("base64url"));
}

async function post(funding: string) {
  const headers = { "content-type": "application/json" };
  const url = new URL("/v1/accounts/fund", pool().url);
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ funding }) });
  return { status: answer.status, ...((await answer.json()) as { error?: { code: string } }) };
}

/** Asks for something about an account with a header of a signer's choice. */
async function look(path: string, signer = createEd25519Signer(), signedPath = path) {
  const statement = { account: signer.publicKey, pool: pool().client.key, method: "GET", path: signedPath };
  const signed = signStatement(accountRequest, { ...statement, signedAt: pool().clock.now() }, signer);
  const authorization = `Aegis ${Buffer.from(toCbor(signed)).toString("base64url")}`;
  return (await fetch(new URL(path, pool().url), { headers: { authorization } })).status;
}

describe("test money", () => {
  it("fills an account, once however often the same request is sent", async () => {
    const account = new Account(pool().client, createEd25519Signer());
    expect(await account.balance()).toBe(0n);
    expect(await account.fund(500n, once)).toBe(500n);
    expect(await account.fund(500n, once)).toBe(500n);
    expect(await account.fund(30n)).toBe(530n);
    expect(await account.balance()).toBe(530n);
    expect(await account.balance("operator")).toBe(0n);
  });

  it("is refused under a key that has named another request", async () => {
    const account = new Account(pool().client, createEd25519Signer());
    await account.fund(500n, once);
    await expect(account.fund(501n, once)).rejects.toMatchObject({ code: "transfer-refused" });
    expect(await account.balance()).toBe(500n);
  });

  it("is refused where the pool has none, in words", async () => {
    const without = await startTestPool("off", { testMoney: false });
    onTestFinished(() => without.stop());
    const account = new Account(without.client, createEd25519Signer());
    await expect(account.fund(1n)).rejects.toMatchObject({ code: "test-money-off" });
    expect(await account.balance()).toBe(0n);
    expect(await without.client.describe()).toMatchObject({ testMoney: false });
    expect(await pool().client.describe()).toMatchObject({ testMoney: true });
  });

  it("has an end", async () => {
    const account = new Account(pool().client, createEd25519Signer());
    await expect(account.fund(80_000_000n * 10n ** 9n + 1n)).rejects.toMatchObject({ code: "transfer-refused" });
  });

  it.each([
    ["nothing", "0", "bad-argument"],
    ["less than nothing", "-1", "bad-message"],
    ["a part of a nAIS", "0.5", "bad-message"],
    ["as much as 2^63", String(2n ** 63n), "bad-message"],
    ["no digits", "lots", "bad-message"],
  ])("is refused for %s", async (_, amount, code) => {
    expect(await ask({ amount })).toMatchObject({ error: { code } });
  });

  it("is given to who signs for the account, for this pool, now", async () => {
    const other = createEd25519Signer().publicKey;
    const late = pool().clock.now() - protocolLimits.clockSkewMs - 1;
    expect(await ask()).toMatchObject({ status: 201 });
    expect(await ask({ account: other })).toMatchObject({ error: { code: "bad-message" } });
    expect(await ask({ pool: other })).toMatchObject({ error: { code: "bad-message" } });
    expect(await ask({ signedAt: late })).toMatchObject({ error: { code: "bad-signature" } });
    expect(await post("AAAA")).toMatchObject({ error: { code: "bad-message" } });
  });
});

describe("an account", () => {
  it("is shown to its own key alone", async () => {
    const [own, other] = [createEd25519Signer(), createEd25519Signer()];
    const path = `/v1/accounts/requester/${toHex(own.publicKey)}`;
    expect(await look(path, own)).toBe(200);
    expect(await look(`${path}/statement?after=0`, own)).toBe(200);
    expect(await look(path, other)).toBe(403);
    expect(await look(`${path}/statement?after=0`, other)).toBe(403);
    expect(await look(`/v1/accounts/operator/${toHex(own.publicKey)}/bond`, other)).toBe(403);
    expect(await look(`${path}/statement?after=1`, own, `${path}/statement?after=0`)).toBe(403);
  });

  it("has a statement that adds up, page by page", async () => {
    const account = new Account(pool().client, createEd25519Signer());
    for (const amount of [5n, 7n, 11n]) await account.fund(amount);
    const lines = [];
    for await (const line of account.statement()) lines.push(line);
    expect(lines.map(({ kind, other, amount }) => `${kind} ${other} ${amount}`)).toEqual([
      "fund test-money 5",
      "fund test-money 7",
      "fund test-money 11",
    ]);
    expect(lines.every(({ at }) => at === pool().clock.now())).toBe(true);
  });
});

it("the books of a pool are open as sums, and balance", async () => {
  await new Account(pool().client, createEd25519Signer()).fund(500n);
  const { totals, sum } = (await pool().client.getJson("/v1/books")) as { totals: Record<string, string>; sum: string };
  expect(sum).toBe("0");
  expect(Number(totals["requester"])).toBe(-Number(totals["test-money"]));
});
