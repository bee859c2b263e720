import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostileNode, type NodeReply, startHostileNode } from "../../../test/fixtures/hostile-node.js";
import { revertAfterEach, type SettledChain, startSettledChain } from "../../../test/fixtures/settled-chain.js";
import { ChainConnection, Deposits, revertOf } from "../src/index.js";

const pool = "70".repeat(32);
const account = "ac".repeat(32);
let chain: SettledChain;
let node: HostileNode;
let connection: ChainConnection;
let deposits: Deposits;

beforeAll(async () => {
  chain = await startSettledChain(pool);
  node = await startHostileNode(chain.chain.url);
  connection = await ChainConnection.connect(node.url, { pauseMs: 1 });
  deposits = await Deposits.open(connection, chain.settlement.deposits.address);
  await chain.send(chain.settlement.ais, "mint", chain.ada.address, 1_000n);
});
revertAfterEach(
  () => chain,
  () => node,
);
afterAll(async () => {
  await node.stop();
  await chain.stop();
});

/** By what name it was refused. */
const refusal = async (work: Promise<unknown>) => revertOf(await work.catch((error: unknown) => error));

describe("deposits", () => {
  it("know whose they are", () => {
    expect(deposits.pool).toBe(pool);
    expect(deposits.distributor.toLowerCase()).toBe(chain.settlement.distributor.address);
    expect(deposits.token.toLowerCase()).toBe(chain.settlement.ais.address);
  });

  it("are refused where the contract is another", async () => {
    for (const other of [chain.settlement.ais, chain.settlement.distributor]) {
      await expect(Deposits.open(connection, other.address)).rejects.toMatchObject({ code: "chain-refused" });
    }
  });

  it("go on to the distributor by one transaction, and are seen in its block alone", async () => {
    const sent = await deposits.deposit(chain.ada, account, 300n);
    const { block } = await deposits.deposit(chain.ada, "bd".repeat(32), 7n);
    expect(await deposits.count()).toBe(2);
    expect(await deposits.count(sent.block)).toBe(1);
    expect(await deposits.count(0)).toBe(0); // before there was a contract
    const first = { index: 0, account, amount: 300n, block: sent.block, transaction: sent.transaction };
    expect(await deposits.between(sent.block, block)).toEqual([
      { ...first, blockHash: (await connection.block(sent.block))?.hash },
      expect.objectContaining({ index: 1, account: "bd".repeat(32), amount: 7n, block }),
    ]);
    expect(await deposits.between(sent.block + 1, sent.block + 1)).toHaveLength(1);
    expect(await deposits.between(0, sent.block - 1)).toEqual([]);
    expect(await chain.read(chain.settlement.ais, "balanceOf", deposits.distributor)).toBe(307n);
    expect(await chain.read(chain.settlement.ais, "allowance", chain.ada.address, deposits.address)).toBe(0n);
  });

  it("that cannot be are refused by name, and nothing is sent", async () => {
    expect(await refusal(deposits.deposit(chain.ada, account, 1_001n))).toBe("ERC20InsufficientBalance");
    expect(await refusal(deposits.deposit(chain.ada, account, 0n))).toBe("NothingToDeposit");
    expect(await refusal(deposits.deposit(chain.ada, "00".repeat(32), 1n))).toBe("NoAccount");
    expect(await deposits.count()).toBe(0);
  });

  it("are not none where a node does not say how many", async () => {
    node.alter = ({ method }) => (method === "eth_call" ? { result: "0x" } : undefined);
    const block = await connection.head();
    await expect(deposits.count(block)).rejects.toMatchObject({ code: "chain-refused" });
    node.alter = ({ method }) => (method === "eth_call" ? { result: `0x${"f".repeat(64)}` } : undefined);
    await expect(deposits.count()).rejects.toMatchObject({ code: "chain-refused" });
  });

  it("are for as long as a permit holds by the chain's clock, not ours", async () => {
    await chain.client.advance(40 * 365 * 24 * 3_600);
    await deposits.deposit(chain.ada, account, 1n);
    expect(await deposits.count()).toBe(1);
  });
});

describe("what a node shows instead of the deposits of some blocks", () => {
  const log = {
    address: "",
    topics: [`0x${"00".repeat(32)}`],
    data: `0x${"00".repeat(32)}`,
    blockNumber: "0x1",
    blockHash: `0x${"00".repeat(32)}`,
    transactionHash: `0x${"00".repeat(32)}`,
  };
  const changes: readonly [string, (shown: typeof log) => unknown][] = [
    ["of another contract", (shown) => ({ ...shown, address: `0x${"77".repeat(20)}` })],
    ["of another kind", (shown) => ({ ...shown, topics: [`0x${"77".repeat(32)}`, ...shown.topics.slice(1)] })],
    ["of a later block", (shown) => ({ ...shown, blockNumber: "0xfff" })],
    ["of an earlier block", (shown) => ({ ...shown, blockNumber: "0x0" })],
    ["taken back", (shown) => ({ ...shown, removed: true })],
    ["in no block", (shown) => ({ ...shown, blockNumber: null })],
    ["without an amount", (shown) => ({ ...shown, data: "0x" })],
    ["without an account", (shown) => ({ ...shown, topics: shown.topics.slice(0, 3) })],
  ];
  it.each(changes)("is nonsense where it is %s", async (_, change) => {
    const { block } = await deposits.deposit(chain.ada, account, 300n);
    node.alter = async ({ method }, honest): Promise<NodeReply | undefined> => {
      if (method !== "eth_getLogs") return undefined;
      const { result } = (await honest()) as { result: (typeof log)[] };
      return { result: result.map(change) };
    };
    await expect(deposits.between(block, block)).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringMatching(/answers nonsense/) as string },
    });
  });

  it("is put in order", async () => {
    const { block } = await deposits.deposit(chain.ada, account, 300n);
    await deposits.deposit(chain.ada, account, 301n);
    node.alter = async ({ method }, honest): Promise<NodeReply | undefined> => {
      if (method !== "eth_getLogs") return undefined;
      const { result } = (await honest()) as { result: unknown[] };
      return { result: result.toReversed() };
    };
    expect((await deposits.between(block, block + 1)).map(({ index }) => index)).toEqual([0, 1]);
  });
});
