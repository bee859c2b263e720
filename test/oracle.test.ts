import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { saveQuorum } from "@aegis-pool/sdk";
import { createPublicClient, type Hex, http } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileOracle } from "../examples/oracle/compile.mjs";
import type { Compiled, Contract } from "@aegis-pool/contracts";
import { type Market, openMarket, revertName } from "../contracts/test/chain.js";
import { agentsInOrder, type ChainAgent, certificateBy, hex, statement, value } from "../contracts/test/fixtures.js";

const script = join(import.meta.dirname, "../examples/oracle/send-certificate.mjs");
const agents = agentsInOrder(3);
const beneficiary: Hex = `0x${"be".repeat(20)}`;
let market: Market;
let compiled: Record<"ResultOracle" | "Escrow", Compiled>;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aegis-oracle-"));
  compiled = await compileOracle();
  market = await openMarket();
  await market.register(...agents);
});
afterAll(async () => {
  await market.chain.stop();
  await rm(folder, { recursive: true, force: true });
});

/** An oracle that asks what our statement answers, but for what `change` says. */
async function oracleFor(change: { input?: Hex } = {}): Promise<Contract> {
  const { program, input, memoryBytes } = statement;
  const question = [hex(program), change.input ?? hex(input), BigInt(memoryBytes)];
  const oracle = await market.client.deploy(compiled.ResultOracle, [market.verifier.address, 3n, ...question]);
  const errors = market.verifier.abi.filter(({ type }) => type === "error"); // which pass through the oracle
  return { ...oracle, abi: [...oracle.abi, ...errors] };
}

/** What comes of bringing the answer, by these agents' signatures. */
async function settle(oracle: Contract, by: readonly ChainAgent[], answer: Uint8Array = value): Promise<string> {
  const { result, signatures } = market.call(by);
  const settling = market.client.send(oracle, { name: "settle", args: [result, hex(answer), signatures] });
  return settling.then(() => "settled", revertName);
}

describe("an oracle that believes three operators", () => {
  it("answers by a certificate's file, and what waits for it pays", async () => {
    const oracle = await oracleFor();
    const hopedFor = hex(statement.result);
    const escrow = await market.client.deploy(compiled.Escrow, [oracle.address, hopedFor, beneficiary], 1_000n);
    await expect(market.client.send(escrow, { name: "release", args: [] })).rejects.toThrow("NoAnswerYet");
    const [certificate, result] = [join(folder, "certificate.json"), join(folder, "result")];
    await saveQuorum(certificate, certificateBy(agents, market.chain.chainId));
    await writeFile(result, value);
    const args = [script, certificate, result, market.chain.url, oracle.address];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/^settled by 3 operators for \d+ gas\n$/);
    expect(await market.client.read(oracle, { name: "answer", args: [] })).toBe(hex(value));
    await market.client.send(escrow, { name: "release", args: [] });
    const reader = createPublicClient({ transport: http(market.chain.url) });
    expect(await reader.getBalance({ address: beneficiary })).toBe(1_000n);
  });

  it("does not answer by fewer, by another result, to another question, or twice", async () => {
    const oracle = await oracleFor();
    expect(await settle(oracle, agents.slice(0, 2))).toBe("TooFewSigners");
    expect(await settle(oracle, agents, Buffer.from('\x01{"score":713}'))).toBe("AnotherAnswer");
    expect(await settle(oracle, agents, new Uint8Array())).toBe("AnotherAnswer");
    expect(await settle(await oracleFor({ input: hex(statement.program) }), agents)).toBe("AnotherQuestion");
    expect(await settle(oracle, agents)).toBe("settled");
    expect(await settle(oracle, agents)).toBe("AlreadyAnswered");
  });
});
