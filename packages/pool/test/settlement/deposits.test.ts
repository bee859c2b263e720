import { toHex } from "@aegis-pool/core";
import { createEd25519Signer, type StoredSigner } from "@aegis-pool/platform";
import { ChainConnection, Deposits } from "@aegis-pool/chain";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type HostileNode, type NodeReply, startHostileNode } from "../../../../test/fixtures/hostile-node.js";
import { present } from "../../../../test/fixtures/present.js";
import { revertAfterEach, type SettledChain, startSettledChain } from "../../../../test/fixtures/settled-chain.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import type { SettlementStatus } from "../../src/services/settlement/settlement.js";

const confirmations = 3;
const poolKey = createEd25519Signer();
let chain: SettledChain;
let node: HostileNode;
let deposits: Deposits;

beforeAll(async () => {
  chain = await startSettledChain(toHex(poolKey.publicKey));
  node = await startHostileNode(chain.chain.url);
  deposits = await Deposits.open(await ChainConnection.connect(chain.chain.url), chain.settlement.deposits.address);
  for (const { address } of [chain.ada, chain.bob, chain.owner]) {
    await chain.send(chain.settlement.ais, "mint", address, 10n ** 12n);
  }
});
revertAfterEach(
  () => chain,
  () => node,
);
afterAll(async () => {
  await node.stop();
  await chain.stop();
});

const chainOptions = () => ({ url: node.url, deposits: deposits.address, confirmations, pollMs: 10 });

async function startSettling(options: Parameters<typeof startTestPool>[1] = {}): Promise<TestPool> {
  const pool = await startTestPool("off", {
    key: poolKey,
    testMoney: false,
    atStart: () => ({ chain: chainOptions() }),
    ...options,
  });
  onTestFinished(() => pool.stop());
  return pool;
}

/** A person with an account at the pool. */
interface Payer {
  readonly key: StoredSigner;
  pay(amount: bigint): Promise<unknown>;
  balance(pool: TestPool): Promise<bigint>;
}

function payer(): Payer {
  const key = createEd25519Signer();
  return {
    key,
    pay: (amount) => deposits.deposit(chain.ada, toHex(key.publicKey), amount),
    balance: (pool) => new Account(pool.client, key).balance(),
  };
}

const status = async (pool: TestPool) => (await pool.client.getJson("/v1/settlement")) as SettlementStatus;
const problem = async (pool: TestPool) => (await status(pool)).problem?.what;
const credited = async (pool: TestPool) => (await status(pool)).credited;
const mine = (blocks = confirmations) => chain.mine(blocks);

/** Resolves after the pool has looked at the chain as it is now. */
async function looked(pool: TestPool): Promise<void> {
  const asked = node.asked.get("eth_blockNumber") ?? 0;
  await expect.poll(() => (node.asked.get("eth_blockNumber") ?? 0) - asked, { interval: 5 }).toBeGreaterThan(2);
  await status(pool);
}

async function inDatabase<T extends pg.QueryResultRow>(pool: TestPool, text: string): Promise<T[]> {
  const client = new pg.Client(pool.database);
  await client.connect();
  const { rows } = await client.query<T>(text);
  await client.end();
  return rows;
}

const linesOf = async (pool: TestPool, { key }: Payer) => {
  const lines: [string, string, bigint][] = [];
  for await (const { kind, other, amount } of new Account(pool.client, key).statement())
    lines.push([kind, other, amount]);
  return lines;
};

/** The node says this instead of the events of blocks. */
function alterLogs(change: (logs: { data: string }[]) => unknown): void {
  node.alter = async ({ method }, honest): Promise<NodeReply | undefined> => {
    if (method !== "eth_getLogs") return undefined;
    return { result: change(((await honest()) as { result: { data: string }[] }).result) };
  };
}

/** Nothing is credited twice, and the books balance. */
async function expectSound(pool: TestPool, all: bigint): Promise<void> {
  const { sum, totals } = await pool.client.books();
  expect([sum, totals.get("deposited") ?? 0n, totals.get("requester") ?? 0n]).toEqual([0n, -all, all]);
}

describe("what is paid in on chain", () => {
  it("is credited once it is deep enough, and not before", async () => {
    const [pool, ada, bob] = [await startSettling(), payer(), payer()];
    await ada.pay(500n);
    await mine(confirmations - 1);
    await looked(pool);
    expect([await credited(pool), await ada.balance(pool)]).toEqual([0, 0n]);
    await mine(1);
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    for (const amount of [7n, 8n]) await bob.pay(amount);
    await mine();
    await expect.poll(() => credited(pool)).toBe(3);
    expect(await linesOf(pool, bob)).toEqual([
      ["deposit", "deposited", 7n],
      ["deposit", "deposited", 8n],
    ]);
    await expectSound(pool, 515n);
    const head = Number(await chain.ask("eth_blockNumber"));
    const { address, distributor, token } = deposits;
    await expect
      .poll(() => status(pool))
      .toEqual({
        ...{ chainId: 31_337, deposits: address, distributor, token },
        ...{ confirmations, safeBlock: head - confirmations, head, credited: 3 },
      });
  });

  it("is in the pool's figures", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(500n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    const figures = await (await fetch(`${pool.url}/metrics`)).text();
    expect(figures).toContain('aegis_settlement{what="credited"} 1');
    expect(figures).toContain('aegis_settlement{what="problem"} 0');
  });

  it("is credited by a pool that was not there when it was, and by one that starts again not twice", async () => {
    const ada = payer();
    await ada.pay(500n);
    await mine(2_100); // more than is asked for at once
    const pool = await startSettling();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    await pool.restart();
    await ada.pay(11n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(511n);
    await pool.restart();
    await looked(pool);
    await expectSound(pool, 511n);
  });

  it("is credited at once where nothing is waited for", async () => {
    const [pool, ada] = [
      await startSettling({ atStart: () => ({ chain: { ...chainOptions(), confirmations: 0 } }) }),
      payer(),
    ];
    await ada.pay(500n);
    await expect.poll(() => ada.balance(pool)).toBe(500n);
  });

  it("pays for work like any other money", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(500n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    const job = createEd25519Signer();
    await pool.client.reserve(job, ada.key, { amount: 300n, once: new Uint8Array(16) });
    expect(await ada.balance(pool)).toBe(200n);
  });

  it.each(["deposits", "deposit_cursor", "transfers"])(
    "is credited once where the pool could not write %s",
    async (table) => {
      const [pool, ada] = [await startSettling(), payer()];
      await pool.alter(`ALTER TABLE ${table} ADD CONSTRAINT broken CHECK (false) NOT VALID`);
      await ada.pay(500n);
      await mine();
      expect(await pool.ended()).toMatchObject({ code: "database-lost" });
      await pool.restart(`ALTER TABLE ${table} DROP CONSTRAINT broken`);
      await expect.poll(() => ada.balance(pool)).toBe(500n);
      await looked(pool);
      await expectSound(pool, 500n);
    },
  );
});

describe("a chain that is reorganised", () => {
  it("less deep than is waited for changes nothing that was credited", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(500n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    await ada.pay(77n);
    await mine(1);
    await looked(pool);
    await chain.ask("anvil_reorg", confirmations, []); // the second is gone
    await mine(2 * confirmations);
    await looked(pool);
    expect([await ada.balance(pool), await problem(pool)]).toEqual([500n, undefined]);
    await ada.pay(78n); // has the number that was free again
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(578n);
    await expectSound(pool, 578n);
  });

  it("deeper, with all deposits in other blocks, goes on", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    const first = await chain.ask("evm_snapshot");
    for (const amount of [500n, 7n]) await ada.pay(amount);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(507n);
    const rows = () =>
      inDatabase<{ index: number; hash: string }>(
        pool,
        "SELECT index, encode(block_hash, 'hex') AS hash FROM deposits ORDER BY 1",
      );
    const places = await rows();
    await chain.ask("evm_revert", first);
    await chain.client.advance(1_000);
    for (const amount of [500n, 7n, 9n]) await ada.pay(amount);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(516n);
    const moved = await rows();
    expect(moved).toHaveLength(3);
    for (const [index, { hash }] of places.entries()) expect(moved[index]?.hash).not.toBe(hash);
    expect(await problem(pool)).toBeUndefined();
    await expectSound(pool, 516n);
  });

  const others: readonly [string, (ada: Payer, bob: Payer) => Promise<unknown>][] = [
    ["with nothing in it", async () => undefined],
    ["with another deposit alone", (_, bob) => bob.pay(88n)],
    ["with another amount", (ada, bob) => ada.pay(499n).then(() => bob.pay(88n))],
    ["for another account", (_, bob) => bob.pay(500n).then(() => bob.pay(88n))],
  ];
  it.each(others)("deeper, %s, stops the crediting and takes nothing back", async (_, instead) => {
    const [pool, ada, bob] = [await startSettling(), payer(), payer()];
    const first = await chain.ask("evm_snapshot");
    await ada.pay(500n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    await chain.ask("evm_revert", first);
    await chain.client.advance(1_000);
    await instead(ada, bob);
    await mine(2 * confirmations);
    await expect.poll(() => problem(pool)).toBe("reorganised");
    await looked(pool);
    const read = node.asked.get("eth_getLogs");
    await looked(pool);
    expect(node.asked.get("eth_getLogs")).toBe(read); // it is known to be so: nothing is read again and again
    expect([await ada.balance(pool), await bob.balance(pool)]).toEqual([500n, 0n]);
    expect(
      pool.log.lines.filter((line) =>
        /^error.*no deposits are credited.*reorganised|^error.*another history/.test(line),
      ),
    ).toHaveLength(1);
    await pool.restart();
    await expect.poll(() => problem(pool)).toBe("reorganised");
    await expectSound(pool, 500n);
  });

  it("and then back again, goes on", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(500n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    node.alter = ({ method, params }) =>
      method === "eth_getBlockByNumber"
        ? { result: { number: params[0], hash: `0x${"77".repeat(32)}`, timestamp: "0x1" } }
        : method === "eth_call"
          ? { result: `0x${"0".repeat(64)}` }
          : undefined;
    await expect.poll(() => problem(pool)).toBe("reorganised");
    node.alter = undefined;
    await ada.pay(7n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(507n);
    expect(await problem(pool)).toBeUndefined();
  });

  it("while it is read, is read again: events of two histories are not mixed", async () => {
    const [pool, ada, bob] = [await startSettling(), payer(), payer()];
    await looked(pool);
    const first = await chain.ask("evm_snapshot");
    let reorganised = 0;
    node.alter = async ({ method }, honest) => {
      if (method !== "eth_getLogs" || reorganised++ > 0) return undefined;
      const logs = await honest();
      await chain.ask("evm_revert", first);
      await chain.ask("evm_increaseTime", 1_000); // in blocks of the same numbers, so that only their hashes tell
      await bob.pay(500n);
      await mine(2 * confirmations);
      return logs;
    };
    await ada.pay(500n);
    await mine();
    await expect.poll(() => bob.balance(pool)).toBe(500n);
    expect([await ada.balance(pool), reorganised]).toEqual([0n, expect.any(Number)]);
    await expectSound(pool, 500n);
  });
});

describe("a node", () => {
  it("that stalls leaves the rest of the pool working, and holds up neither its end nor what comes after", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(500n);
    let stalled = 0;
    node.alter = () => {
      stalled += 1;
      return "stall";
    };
    await mine();
    await expect.poll(() => stalled, { interval: 5 }).toBeGreaterThan(0);
    expect(await ada.balance(pool)).toBe(0n);
    const [begun, altered] = [performance.now(), node];
    altered.alter = undefined;
    await pool.restart();
    expect(performance.now() - begun).toBeLessThan(8_000); // a question is given up after ten seconds
    await expect.poll(() => ada.balance(pool)).toBe(500n);
  });

  it.each<[string, NodeReply, string]>([
    ["is not there", { status: 401, body: "no" }, "unreachable"],
    ["answers nonsense", { result: "soon" }, "nonsense"],
    ["refuses", { error: { code: -32_000, message: "no" } }, "nonsense"],
    ["is far behind", { result: "0x1" }, "behind"],
  ])("that %s is said to be, and asked again", async (_, reply, what) => {
    const [pool, ada] = [await startSettling(), payer()];
    await mine();
    await looked(pool);
    node.alter = ({ method, params }) => {
      if (what === "behind" && method === "eth_getBlockByNumber" && Number(params[0]) > 1) return { result: null };
      return method === "eth_blockNumber" ? reply : undefined;
    };
    await ada.pay(500n);
    await mine();
    await expect.poll(() => problem(pool)).toBe(what);
    await looked(pool);
    expect(pool.log.lines.filter((line) => line.includes("no deposits are credited"))).toHaveLength(1);
    node.alter = undefined;
    await expect.poll(() => ada.balance(pool)).toBe(500n);
    expect(await problem(pool)).toBeUndefined();
  });

  const omissions: readonly [string, (logs: readonly unknown[]) => unknown][] = [
    ["all", () => []],
    ["the first", (logs) => logs.slice(1)],
    ["one in the middle", (logs) => [...logs.slice(0, 1), ...logs.slice(2)]],
    ["the last", (logs) => logs.slice(0, -1)],
  ];
  it.each(omissions)("that leaves out %s of the deposits is noticed before the cursor moves", async (_, omit) => {
    const [pool, ada] = [await startSettling(), payer()];
    await mine();
    await looked(pool);
    alterLogs(omit);
    await chain.ask("evm_setAutomine", false);
    const paid = Promise.all([chain.ada, chain.owner, chain.bob].map((key) => payFrom(key, ada)));
    await expect.poll(() => chain.pending()).toBe(3);
    await chain.minePending();
    const [sent] = await paid;
    await chain.ask("evm_setAutomine", true);
    await mine();
    await expect.poll(() => problem(pool)).toBe("incomplete");
    await looked(pool);
    expect(await ada.balance(pool)).toBe(0n);
    expect((await status(pool)).safeBlock).toBeLessThan(present(sent).block);
    node.alter = undefined;
    await expect.poll(() => ada.balance(pool)).toBe(30n);
    await expectSound(pool, 30n);
  });

  it("that shows a deposit twice is noticed", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    alterLogs((logs) => [...logs, ...logs]);
    await ada.pay(10n);
    await mine();
    await expect.poll(() => problem(pool)).toBe("incomplete");
    expect(await ada.balance(pool)).toBe(0n);
  });

  it("that knows of fewer deposits than are credited is noticed", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await ada.pay(10n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(10n);
    node.alter = ({ method }) => (method === "eth_call" ? { result: `0x${"0".repeat(64)}` } : undefined);
    await mine();
    await expect.poll(() => problem(pool)).toBe("incomplete");
  });

  it("that has kept a deposit back with its count is caught up with by the next", async () => {
    const [pool, ada] = [await startSettling(), payer()];
    await looked(pool);
    node.alter = ({ method }) => (method === "eth_call" ? { result: `0x${"0".repeat(64)}` } : undefined);
    await ada.pay(10n);
    await mine(2 * confirmations);
    const head = Number(await chain.ask("eth_blockNumber"));
    await expect.poll(async () => (await status(pool)).safeBlock).toBe(head - confirmations);
    expect(await ada.balance(pool)).toBe(0n);
    node.alter = undefined;
    await ada.pay(1n);
    await mine();
    await expect.poll(() => ada.balance(pool)).toBe(11n);
    await expectSound(pool, 11n);
  });

  const unfit: readonly [string, readonly bigint[]][] = [
    ["more than a ledger holds", [2n ** 63n]],
    ["nothing", [0n]],
    ["more than all AIS", [10n ** 17n + 1n]],
    ["more than all AIS with what was before", [6n * 10n ** 16n, 6n * 10n ** 16n]],
  ];
  it.each(unfit)("that shows a deposit of %s stops the crediting, whole", async (_, amounts) => {
    const [pool, ada] = [await startSettling(), payer()];
    alterLogs((logs) =>
      logs.map((log, at) => ({ ...log, data: `0x${(amounts[at] ?? 1n).toString(16).padStart(64, "0")}` })),
    );
    await chain.ask("evm_setAutomine", false);
    const paid = Promise.all([chain.ada, chain.bob].map((key) => payFrom(key, ada)));
    await expect.poll(() => chain.pending()).toBe(2);
    await chain.minePending();
    await paid;
    await chain.ask("evm_setAutomine", true);
    await mine();
    await expect.poll(() => problem(pool)).toBe("unfit");
    await expectSound(pool, 0n);
    expect(await inDatabase(pool, "SELECT * FROM deposits")).toEqual([]);
    node.alter = undefined;
    await expect.poll(() => ada.balance(pool)).toBe(20n);
  });
});

/** Ten nAIS, of which the sender has got enough. */
async function payFrom(key: SettledChain["ada"], { key: account }: Payer) {
  return deposits.deposit(key, toHex(account.publicKey), 10n);
}
