import { toHex } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { startHostileNode } from "../../../../test/fixtures/hostile-node.js";
import { type SettledChain, startSettledChain } from "../../../../test/fixtures/settled-chain.js";
import { Account, startTestPool } from "../../../../test/fixtures/test-pool.js";

const key = createEd25519Signer();
/** One on which money is worth nothing, and one on which it is. */
let [local, real]: SettledChain[] = [];
/** Of the same pool, on the local chain. */
let second: SettledChain["settlement"];

beforeAll(async () => {
  const pool = toHex(key.publicKey);
  [local, real] = await Promise.all([startSettledChain(pool), startSettledChain(pool, 8_453)]);
  second = await chains().local.deployAgain();
});
afterAll(() => Promise.all([local?.stop(), real?.stop()]));

function chains() {
  if (!local || !real) throw new TypeError("the chains are there within tests only");
  return { local, real };
}

const settling = ({ chain, settlement }: SettledChain, deposits = settlement.deposits.address) => ({
  ...{ url: chain.url, deposits, confirmations: 2, pollMs: 10 },
});

/** A pool that may be started again with another chain, and with or without money for the asking. */
async function start(
  chain: ReturnType<typeof settling> | undefined,
  options: { testMoney?: boolean; key?: typeof key } = {},
) {
  let chosen = { chain, testMoney: options.testMoney ?? false };
  const pool = await startTestPool("off", { key: options.key ?? key, atStart: () => chosen });
  onTestFinished(() => pool.stop());
  const safeBlock = async () => ((await pool.client.getJson("/v1/settlement")) as { safeBlock?: number }).safeBlock;
  const restart = async (other: typeof chain, testMoney = false) => {
    chosen = { chain: other, testMoney };
    await pool.restart();
  };
  const looked = async () => {
    await expect.poll(safeBlock).toBeGreaterThan(0);
  };
  return { pool, restart, looked };
}

describe("a pool with a chain", () => {
  it("is not started with the contracts of another pool, nor with what is no such contract", async () => {
    const other = createEd25519Signer();
    await expect(start(settling(chains().local), { key: other })).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringContaining(toHex(other.publicKey)) as string },
    });
    const { ais } = chains().local.settlement;
    for (const address of [ais.address, `0x${"77".repeat(20)}` as const]) {
      await expect(start(settling(chains().local, address))).rejects.toMatchObject({ code: "chain-refused" });
    }
  });

  it("is not started where nobody answers", async () => {
    const node = await startHostileNode(chains().local.chain.url);
    await node.stop();
    await expect(start({ ...settling(chains().local), url: node.url })).rejects.toMatchObject({
      code: "chain-unreachable",
    });
  });

  it("is not started again with another contract, nor with one at the same address of another chain", async () => {
    const { restart, looked } = await start(settling(chains().local));
    await looked();
    await expect(restart(settling(chains().local, second.deposits.address))).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringContaining(second.deposits.address.slice(2, 8)) as string },
    });
    expect(chains().real.settlement.deposits.address).toBe(chains().local.settlement.deposits.address);
    await expect(restart(settling(chains().real))).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringMatching(/on chain 8453\.$/) as string },
    });
    await restart(undefined);
    await restart(settling(chains().local));
    await looked();
  });

  it("may be started before its contracts are deep enough", async () => {
    const head = Number(await chains().local.ask("eth_blockNumber"));
    const early = { ...settling(chains().local, second.deposits.address), confirmations: head };
    const { pool } = await start(early);
    await expect.poll(() => pool.client.getJson("/v1/settlement")).toMatchObject({ safeBlock: 0, credited: 0 });
  });

  it("says which it is to whoever asks, and one without says that it has none", async () => {
    const { pool } = await start(settling(chains().real));
    const { ais, deposits, distributor } = chains().real.settlement;
    const said = (await pool.client.getJson("/v1/settlement")) as Record<string, string>;
    expect(said).toMatchObject({ chainId: 8_453, confirmations: 2, credited: 0 });
    const addresses = [said["token"], said["deposits"], said["distributor"]].map((address) => address?.toLowerCase());
    expect(addresses).toEqual([ais.address, deposits.address, distributor.address]);
    const { pool: without } = await start(undefined);
    await expect(without.client.getJson("/v1/settlement")).rejects.toMatchObject({ code: "not-found", status: 404 });
  });
});

describe("money for the asking", () => {
  it("and a chain where money is worth something are not in one pool", async () => {
    await expect(start(settling(chains().real), { testMoney: true })).rejects.toMatchObject({
      ...{ code: "bad-argument", message: expect.stringMatching(/chain 8453/) as string },
    });
  });

  it("that was given out once keeps such a chain away, also when no more is given", async () => {
    const { pool, restart } = await start(undefined, { testMoney: true });
    await fundedKey(pool.client, 5n);
    await expect(restart(settling(chains().real))).rejects.toMatchObject({ code: "bad-argument" });
    await restart(undefined);
  });

  it("is not given out by a pool that has had such a chain", async () => {
    const { restart, looked } = await start(settling(chains().real));
    await looked();
    await expect(restart(undefined, true)).rejects.toMatchObject({ code: "bad-argument" });
    await restart(undefined);
  });

  it("may be where the chain is a local one", async () => {
    const { pool, looked } = await start(settling(chains().local), { testMoney: true });
    await looked();
    const account = new Account(pool.client, await fundedKey(pool.client, 5n));
    expect(await account.balance()).toBe(5n);
  });
});
