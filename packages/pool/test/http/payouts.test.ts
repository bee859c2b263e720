import { randomBytes } from "node:crypto";
import { payoutChange, payoutDelayMs, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { agentKeys, postJson, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { Account, sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const other = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";

const account = (signer = createEd25519Signer()) => new Account(pool().client, signer);

describe("an operator's payout address", () => {
  it("is the first one at once, while nothing is earned; another is pending for three days, gives way to a newer one, and is taken back by its key", async () => {
    const own = account();
    expect(await own.setPayout(wallet)).toEqual({ address: wallet, sequence: 1, pending: undefined });
    const { address, pending } = await own.setPayout(other);
    expect([address, pending?.address]).toEqual([wallet, other]);
    expect((pending?.effectiveAt ?? 0) - (pending?.askedAt ?? 0)).toBe(payoutDelayMs);
    expect(await own.setPayout(undefined)).toMatchObject({ sequence: 3, pending: { address: undefined } });
    expect(await own.cancelPayout()).toEqual({ address: wallet, sequence: 4, pending: undefined });
    expect(await own.payout()).toEqual({ address: wallet, sequence: 4, pending: undefined });
  });

  it("is pending for three days where anything was earned, is held or will be issued, also the first one", async () => {
    const operators = [createEd25519Signer(), createEd25519Signer(), createEd25519Signer()] as const;
    const [earned, held, here] = operators.map(({ publicKey }) => toHex(publicKey));
    await pool().alter(`INSERT INTO accounts (name) VALUES ('operator:${earned}'), ('held:${held}');
      INSERT INTO attendances VALUES (0, '\\x00', '\\x${here}', '\\x00', 1, 1, 0, 0)`);
    for (const operator of operators) {
      expect(await account(operator).setPayout(wallet)).toMatchObject({
        address: undefined,
        pending: { address: wallet },
      });
    }
  });

  it("that is mistyped does not leave the machine", async () => {
    await expect(account().setPayout(`${wallet.slice(0, -1)}D`)).rejects.toMatchObject({
      ...{ code: "bad-argument", message: expect.stringContaining("checksum") as string },
    });
  });

  it("is refused where somebody else has signed, for another pool, long ago, or out of turn", async () => {
    const signer = createEd25519Signer();
    const now = Date.now();
    const asked = { account: signer.publicKey, pool: pool().client.key, address: randomBytes(20), sequence: 1 };
    const send = (change: object) => {
      const signed = signStatement(payoutChange, { ...asked, signedAt: now, ...change }, signer);
      return postJson(pool().url, "/v1/accounts/payout", { change: Buffer.from(toCbor(signed)).toString("base64url") });
    };
    const others = await send({ account: randomBytes(32) });
    const elsewhere = await send({ pool: randomBytes(32) });
    const old = await send({ signedAt: now - 600_000 });
    const outOfTurn = await send({ sequence: 2 });
    const short = await send({ address: randomBytes(19) });
    const statuses = [others, elsewhere, old, outOfTurn, short].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 403, 409, 400]);
    expect(await account(signer).payout()).toMatchObject({ sequence: 0, pending: undefined });
    expect((await send({})).status).toBe(201);
    expect((await send({})).status).toBe(201); // the same again
    expect(await account(signer).payout()).toMatchObject({ sequence: 1 });
  });

  it("is seen by its own key alone", async () => {
    const path = `/v1/accounts/operator/${toHex(randomBytes(32))}/payout`;
    expect((await fetch(pool().url + path)).status).toBe(403);
  });
});

describe("a change of payout address", () => {
  it("is told at once to the operator's agents that are here, to no others, and to those that come later", async () => {
    const operator = createEd25519Signer();
    const here = await ScriptedAgent.ready(pool(), { keys: agentKeys(operator) });
    const stranger = await ScriptedAgent.ready(pool());
    await account(operator).setPayout(wallet);
    const first = await here.link.next("payout-pending");
    expect([toHex(first.address), first.effectiveAt <= pool().clock.now()]).toEqual([
      wallet.slice(2).toLowerCase(),
      true,
    ]);
    await account(operator).setPayout(other);
    const told = await here.link.next("payout-pending");
    expect(toHex(told.address)).toBe(other.slice(2).toLowerCase());
    expect(told.effectiveAt).toBeGreaterThan(pool().clock.now());
    const later = await ScriptedAgent.ready(pool(), { keys: agentKeys(operator) });
    expect(await later.link.next("payout-pending")).toEqual(told);
    expect(stranger.link.unread("payout-pending")).toBe(0);
  });
});
