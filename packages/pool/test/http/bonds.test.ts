import { randomBytes } from "node:crypto";
import { bonding, bondVesting, nanoAisPerAis, signStatement, toCbor } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { postJson } from "../../../../test/fixtures/scripted-agent.js";
import { Account, sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const ais = nanoAisPerAis;

/** An operator whose key holds 1,000 AIS as a requester. */
async function funded() {
  const signer = await fundedKey(pool().client);
  return { signer, account: new Account(pool().client, signer) };
}

describe("an operator's bond", () => {
  it("is put up once, however often the request is sent, and seen by its key alone", async () => {
    const { account } = await funded();
    const once = randomBytes(16);
    await account.putBond(300n * ais, "requester", once);
    const bond = await account.putBond(300n * ais, "requester", once);
    expect(bond).toEqual({ bond: 300n * ais, counting: 300n * ais, notices: [], vesting: undefined });
    expect(await account.balance()).toBe(700n * ais);
    const stranger = new Account(pool().client, createEd25519Signer());
    expect(await stranger.bond()).toMatchObject({ bond: 0n });
  });

  it("is more than the key has: nothing is moved, and the answer says what is there", async () => {
    const { account } = await funded();
    const refused = account.putBond(1_001n * ais, "requester");
    await expect(refused).rejects.toMatchObject({ code: "insufficient-funds" });
    await expect(account.putBond(1n)).rejects.toMatchObject({ code: "insufficient-funds" }); // it has earned nothing
    expect(await account.bond()).toMatchObject({ bond: 0n });
  });

  it("is refused where somebody else has signed, or for another pool", async () => {
    const { signer } = await funded();
    const now = Date.now();
    const asked = {
      pool: pool().client.key,
      from: "requester",
      amount: "5",
      key: randomBytes(16),
      signedAt: now,
    } as const;
    const send = (statement: object) => {
      const text = Buffer.from(toCbor(signStatement(bonding, statement as never, signer))).toString("base64url");
      return postJson(pool().url, "/v1/accounts/bond", { bonding: text });
    };
    const others = await send({ ...asked, account: randomBytes(32) });
    const elsewhere = await send({ ...asked, account: signer.publicKey, pool: randomBytes(32) });
    const old = await send({ ...asked, account: signer.publicKey, signedAt: now - 600_000 });
    expect([others.status, elsewhere.status, old.status]).toEqual([400, 400, 403]);
    expect((await send({ ...asked, account: signer.publicKey })).status).toBe(201);
  });

  it("grows from earnings as its key has asked for last: an older wish is refused, the same again is not", async () => {
    const { signer, account } = await funded();
    const now = Date.now();
    const send = (percent: number, signedAt: number, change: object = {}) => {
      const asked = { account: signer.publicKey, pool: pool().client.key, percent, target: "7", signedAt, ...change };
      const text = Buffer.from(toCbor(signStatement(bondVesting, asked, signer))).toString("base64url");
      return postJson(pool().url, "/v1/accounts/bond/vesting", { vesting: text });
    };
    const statuses: number[] = [];
    for (const [percent, at, change] of [
      [50, now],
      [50, now],
      [20, now - 1],
      [20, now],
      [101, now + 1],
      [20, now + 1, { account: randomBytes(32) }],
      [20, now + 1, { pool: randomBytes(32) }],
    ] as const) {
      statuses.push((await send(percent, at, change)).status);
    }
    expect(statuses).toEqual([201, 201, 409, 409, 400, 400, 400]);
    expect((await account.bond()).vesting).toEqual({ percent: 50, target: 7n });
    expect((await account.vestBond(0, 0n)).vesting).toBeUndefined();
  });

  it("is taken out by notice, which says when it is paid and can be taken back", async () => {
    const { account } = await funded();
    await account.putBond(300n * ais, "requester");
    const key = randomBytes(16);
    const { notices, counting } = await account.giveNotice(100n * ais, key);
    expect([counting, notices[0]?.amount]).toEqual([200n * ais, 100n * ais]);
    expect((notices[0]?.payableAt ?? 0) - (notices[0]?.givenAt ?? 0)).toBe(14 * 24 * 3_600_000);
    expect(await account.cancelNotice(key)).toMatchObject({ counting: 300n * ais, notices: [] });
    await expect(account.cancelNotice(key)).rejects.toMatchObject({ code: "not-found" });
  });

  it("and what it has proven are its tier, which everybody may see with what the next asks for", async () => {
    const { account } = await funded();
    await account.putBond(300n * ais, "requester");
    const tier = await pool().client.tierOf(account.id);
    expect(tier).toMatchObject({ tier: "none", provenSpeed: 0, bond: 300n * ais });
    expect(tier.next).toEqual({ tier: "bonded", provenSpeed: 10_000_000, bond: 3_000n * ais });
    const metrics = await (await fetch(new URL("/metrics", pool().url))).text();
    expect(metrics).toMatch(/^aegis_operators\{tier="none"\} [1-9]/m);
  });

  it("is in the books, which balance", async () => {
    const { account } = await funded();
    const before = (await pool().client.books()).totals.get("bond") ?? 0n;
    await account.putBond(300n * ais, "requester");
    const { totals, sum } = await pool().client.books();
    expect([totals.get("bond"), sum]).toEqual([before + 300n * ais, 0n]);
  });
});
