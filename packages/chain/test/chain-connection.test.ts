import { Type } from "@aegis-pool/core";
import { inspect } from "node:util";
import { type LocalChain, startChain } from "@aegis-pool/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type HostileNode, type NodeReply, startHostileNode } from "../../../test/fixtures/hostile-node.js";
import { ChainConnection } from "../src/chain-connection.js";

let chain: LocalChain;
let node: HostileNode;

beforeAll(async () => {
  chain = await startChain();
  node = await startHostileNode(chain.url);
});
afterEach(() => {
  node.alter = undefined;
  node.asked.clear();
});
afterAll(async () => {
  await node.stop();
  await chain.stop();
});

const connect = (options: Parameters<typeof ChainConnection.connect>[1] = {}) =>
  ChainConnection.connect(node.url, { pauseMs: 1, ...options });
/** What asking for the head ends with, where the node replies so. */
async function headAfter(reply: NodeReply, options: Parameters<typeof ChainConnection.connect>[1] = {}) {
  const connection = await connect(options);
  node.alter = () => reply;
  return connection.head().catch((error: unknown) => error);
}
const http = (status: number, body = "no") => ({ status, body });

describe("a connection to a chain", () => {
  it("knows chain and blocks", async () => {
    const connection = await connect({ chainId: 31_337 });
    expect(connection.chainId).toBe(31_337);
    const head = await connection.head();
    expect(await connection.block(head)).toMatchObject({ number: head, hash: expect.stringMatching(/^0x/) as string });
    expect(await connection.block(head + 1)).toBeUndefined();
  });

  it("refuses another chain than it was told, and a contract where there is none", async () => {
    await expect(connect({ chainId: 1 })).rejects.toMatchObject({
      code: "chain-refused",
      message: `The chain's node at ${new URL(node.url).host} is of chain 31337, not of chain 1.`,
    });
    const nobody = (await connect()).requireCode(`0x${"77".repeat(20)}`, "a distributor");
    await expect(nobody).rejects.toMatchObject({
      code: "chain-refused",
      message: expect.stringMatching(/no contract/) as string,
    });
  });

  it.each(["ftp://127.0.0.1", "nowhere", "http://user:%zz@127.0.0.1"])(
    "refuses %s, which is no URL of HTTP",
    async (url) => {
      await expect(ChainConnection.connect(url)).rejects.toMatchObject({ code: "bad-argument" });
    },
  );

  it("says that nobody is there, and that a node does not let it in", async () => {
    const gone = await startHostileNode(chain.url);
    await gone.stop();
    const nobody = ChainConnection.connect(gone.url, { pauseMs: 1 });
    await expect(nobody).rejects.toMatchObject({
      code: "chain-unreachable",
      message: `The chain's node at ${new URL(gone.url).host} cannot be reached (ECONNREFUSED).`,
    });
    expect(await headAfter(http(401))).toMatchObject({
      ...{ code: "chain-unreachable", message: expect.stringMatching(/HTTP status 401/) as string },
    });
    expect(node.asked.get("eth_blockNumber")).toBe(1);
  });

  it("says nothing of a URL but its host: the rest is often a key", async () => {
    const url = new URL("/v3/secret?key=secret", node.url);
    url.username = "secret";
    const connection = await ChainConnection.connect(url.href, { pauseMs: 1 });
    for (const reply of [http(401), http(200), { error: { code: -32_000, message: "no" } }, { result: "x" }]) {
      node.alter = () => reply;
      const error: unknown = await connection.head().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expect.stringMatching(/^chain-/) as string });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("secret");
    }
  });

  it("asks a busy node again, a few times", async () => {
    const connection = await connect();
    let asked = 0;
    node.alter = () => ((asked += 1) < 3 ? http(503) : undefined);
    expect(await connection.head()).toBe(0);
    expect(await headAfter(http(429))).toMatchObject({ code: "chain-unreachable" });
    expect(node.asked.get("eth_blockNumber")).toBe(6);
  });

  it.each(["stall", "half"] as const)("does not wait for a node that stalls: %s", async (reply) => {
    expect(await headAfter(reply, { timeoutMs: 100 })).toMatchObject({
      ...{ code: "chain-unreachable", message: expect.stringMatching(/within 0.1 s/) as string },
    });
  });

  it("does not wait for one that was closed, nor asks it", async () => {
    const connection = await connect();
    node.alter = () => "stall";
    const asked = connection.head();
    await expect.poll(() => node.asked.get("eth_blockNumber"), { interval: 1 }).toBe(1);
    connection.close();
    await expect(asked).rejects.toMatchObject({ code: "chain-unreachable" });
    await expect(connection.head()).rejects.toMatchObject({ code: "chain-unreachable" });
    expect(node.asked.get("eth_blockNumber")).toBe(1);
  });

  it("reads no more than it has room for", async () => {
    expect(await headAfter("flood", { answerBytes: 300_000 })).toMatchObject({
      ...{ code: "chain-refused", message: expect.stringMatching(/more than 300000 bytes/) as string },
    });
  });

  it("does not go where a node sends it", async () => {
    expect(await headAfter({ ...http(307), location: chain.url })).toMatchObject({ code: "chain-unreachable" });
  });

  const nonsense: readonly [string, NodeReply][] = [
    ["no JSON", http(200, "<html>")],
    ["JSON of something else", http(200, "[]")],
    ["the answer to another question", http(200, '{"jsonrpc":"2.0","id":0,"result":"0x1"}')],
    ["neither result nor error", http(200, '{"jsonrpc":"2.0","id":2}')],
    ["no number", { result: "many" }],
    ["nothing", { result: null }],
    ["a number beyond all blocks", { result: `0x${"f".repeat(20)}` }],
  ];
  it.each(nonsense)("calls nonsense what is %s", async (_, reply) => {
    expect(await headAfter(reply)).toMatchObject({
      ...{ code: "chain-refused", message: expect.stringMatching(/answers nonsense/) as string },
    });
  });

  it("calls it nonsense where a node shows another block, and what viem cannot read", async () => {
    const connection = await connect();
    const other = { number: "0x5", hash: `0x${"11".repeat(32)}`, timestamp: "0x1" };
    node.alter = () => ({ result: other });
    await expect(connection.block(4)).rejects.toMatchObject({ code: "chain-refused" });
    node.alter = () => ({ result: "0x12" });
    const { aisAbi } = await import("../src/abis.js");
    const call = { address: `0x${"77".repeat(20)}`, abi: aisAbi, functionName: "owner" } as const;
    await expect(connection.read(call)).rejects.toMatchObject({ code: "chain-refused" });
  });

  it("shows a node's own words in a line, without what would move a cursor", async () => {
    const message = `\u001B[2Jno\r\n${"x".repeat(500)}`;
    const error = (await headAfter({ error: { code: -32_000, message } })) as Error;
    expect(error.message).toMatch(/refuses: \[2Jno x+…\.$/);
    expect(error.message.length).toBeLessThan(300);
  });

  it("takes an answer of the shape that was asked for alone", async () => {
    const connection = await connect();
    expect(await connection.ask(Type.String(), "eth_chainId", [])).toBe("0x7a69");
    await expect(connection.ask(Type.Integer(), "eth_chainId", [])).rejects.toMatchObject({ code: "chain-refused" });
  });
});
