import { ChainConnection, Deposits } from "@aegis-pool/chain";
import { depositKey, toHex } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Account } from "../../packages/sdk/src/index.js";
import { type SettledChain, startSettledChain } from "../fixtures/settled-chain.js";
import { KillablePool } from "./children/killable-pool.js";

let chain: SettledChain;
let pool: KillablePool;
const key = createEd25519Signer();

beforeAll(async () => {
  chain = await startSettledChain(toHex(key.publicKey));
  await chain.send(chain.settlement.ais, "mint", chain.ada.address, 10n ** 12n);
  const deposits = chain.settlement.deposits.address;
  pool = await KillablePool.start({ chain: { url: chain.chain.url, deposits, confirmations: 1, pollMs: 1 } }, key);
});

afterAll(async () => {
  await pool.remove();
  await chain.stop();
});

it("a pool that is killed again and again while deposits are credited credits each, and none twice", async () => {
  const signer = createEd25519Signer();
  const connection = await ChainConnection.connect(chain.chain.url);
  const deposits = await Deposits.open(connection, chain.settlement.deposits.address);
  const paid: bigint[] = [];
  const ended = new AbortController();
  const paying = (async () => {
    while (!ended.signal.aborted) {
      const amount = BigInt(1_000 + paid.length);
      await deposits.deposit(chain.ada, toHex(signer.publicKey), amount);
      paid.push(amount);
    }
  })();
  const lines = async () => {
    const found: [string, bigint][] = [];
    for await (const { kind, key: name, amount } of new Account(pool.client, signer).statement()) {
      if (kind === "deposit") found.push([name, amount]);
    }
    return found;
  };
  for (let round = 0; round < 6; round++) {
    const before = (await lines()).length;
    await expect.poll(async () => (await lines()).length, { interval: 1 }).toBeGreaterThan(before + round);
    await pool.killAndRestart();
  }
  ended.abort();
  await paying;
  await chain.mine(1);
  await expect.poll(async () => (await lines()).length).toBe(paid.length);
  expect(await lines()).toEqual(paid.map((amount, index) => [depositKey(index), amount]));
  expect(await new Account(pool.client, signer).balance()).toBe(paid.reduce((sum, amount) => sum + amount, 0n));
  const { sum } = await pool.client.books();
  expect(sum).toBe(0n);
});
