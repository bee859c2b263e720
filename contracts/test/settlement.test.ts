import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ClaimsTree, type Earning, toHex } from "@aegis-pool/core";
import { evmPrimitives } from "@aegis-pool/platform";
import { getAddress, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvmKey } from "@aegis-pool/chain";
import { present } from "../../test/fixtures/present.js";
import { keyFile } from "../../test/fixtures/settled-chain.js";
import { temporaryDirectory } from "../../test/fixtures/temporary.js";
import { ChainClient, deploySettlement, type LocalChain, type Settlement, startChain } from "../src/index.js";
import { revertName } from "./chain.js";
import { hex, pool } from "./fixtures.js";

let chain: LocalChain;
let client: ChainClient;
let settlement: Settlement;

beforeAll(async () => {
  chain = await startChain();
  client = await ChainClient.connect(chain.url);
  settlement = await deploySettlement(client, hex(pool));
});
afterAll(() => chain.stop());

const read = (contract: keyof Settlement, name: string, ...args: readonly unknown[]) =>
  client.read(settlement[contract], { name, args });
const send = (contract: keyof Settlement, name: string, ...args: readonly unknown[]) =>
  client.send(settlement[contract], { name, args });

function treeOf(earnings: readonly Earning[]): ClaimsTree {
  const tree = ClaimsTree.of(earnings, evmPrimitives);
  if (!(tree instanceof ClaimsTree)) throw new TypeError(tree.refused);
  return tree;
}

/** As long a path as any leaf of 100,000 has, to a root that it makes with siblings of nobody. */
function pathOf17(address: Uint8Array, amount: bigint) {
  const leaf = treeOf([{ address, amount }]).root;
  const proof = Array.from({ length: 17 }, (_, index) => new Uint8Array(32).fill(0x30 + index));
  const root = proof.reduce((hash, sibling) => {
    const [low, high] = [hash, sibling].toSorted((one, other) => Buffer.compare(one, other)) as [
      Uint8Array,
      Uint8Array,
    ];
    return evmPrimitives.keccak256(low, high);
  }, leaf);
  return { root: hex(root), proof: proof.map(hex) };
}

describe("what a pool settles with", () => {
  it("is of one pool and one token, and its deployer's", async () => {
    const { ais, distributor } = settlement;
    for (const contract of ["distributor", "bonds"] as const) {
      expect(await read(contract, "pool")).toBe(hex(pool));
      expect(await read(contract, "token")).toBe(getAddress(ais.address));
    }
    expect(await read("deposits", "distributor")).toBe(getAddress(distributor.address));
    for (const contract of ["ais", "distributor", "bonds"] as const) {
      expect(await read(contract, "owner")).toBe(client.account);
    }
  });

  it("pays from deposits what core's tree says of each address, and says by name what it refuses", async () => {
    const deposited = 5_000_000_007n;
    await send("ais", "mint", client.account, deposited);
    await send("ais", "approve", settlement.deposits.address, deposited);
    await send("deposits", "deposit", hex(pool), deposited);
    const earnings = Array.from({ length: 5 }, (_, index) => ({
      address: new Uint8Array(20).fill(0xa1 + index),
      amount: 700_000_001n * BigInt(index),
    }));
    const tree = treeOf(earnings);
    const root = hex(tree.root);
    const total = earnings.reduce((sum, { amount }) => sum + amount, 0n);
    await send("distributor", "post", hex(pool), 1n, `0x${"0".repeat(64)}`, root, total);

    const claim = ({ address, amount }: Earning, expected: Hex = root) => {
      const proof = present(tree.proof(address)).map(hex);
      return send("distributor", "claim", hex(address), amount, expected, proof).then(() => "paid", revertName);
    };
    for (const earning of earnings.slice(1, 3)) {
      expect(await claim(earning)).toBe("paid");
      expect(await read("ais", "balanceOf", hex(earning.address))).toBe(earning.amount);
      expect(await claim(earning)).toBe("NothingToClaim");
    }
    const [nothing, , , fourth] = earnings;
    expect(await claim(present(nothing))).toBe("NothingToClaim"); // earned nothing yet
    expect(await claim({ ...present(fourth), amount: 1n })).toBe("NotInTheTree");
    expect(await claim(present(fourth), `0x${"11".repeat(32)}`)).toBe("RootChanged");
    expect(await read("distributor", "paid")).toBe(2_100_000_003n);
    expect(await read("ais", "balanceOf", settlement.distributor.address)).toBe(deposited - 2_100_000_003n);
  });
});

describe("deploy-pool", () => {
  const program = join(import.meta.dirname, "../dist/deploy-pool.js");
  /** What it prints and how it ends. */
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [program, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );

  it("deploys to the chain that it is told, for the pool that it is told", async () => {
    const { code, stdout } = await run("--url", chain.url, "--pool", toHex(pool), "--json");
    expect(code).toBe(0);
    const addresses = JSON.parse(stdout) as Record<"bonds" | "ais" | "owner", Hex>;
    const bonds = { ...settlement.bonds, address: addresses.bonds };
    expect(await client.read(bonds, { name: "pool", args: [] })).toBe(hex(pool));
    expect(await client.read(bonds, { name: "token", args: [] })).toBe(getAddress(addresses.ais));
    expect(addresses.ais).not.toBe(settlement.ais.address);
    expect(addresses.owner).toBe(client.account);
  });

  it("deploys by a key of its own, with the AIS that it is told to share", async () => {
    const temporary = await temporaryDirectory();
    const file = await keyFile(join(temporary.path, "evm.key"), `0x${"a1".repeat(32)}`);
    const key = await readEvmKey(file);
    await client.setBalance(key.address, 10n ** 18n);
    const given = ["--url", chain.url, "--pool", toHex(pool), "--key", file, "--json"];
    const { code, stdout } = await run(...given, "--ais", settlement.ais.address);
    expect(code).toBe(0);
    const addresses = JSON.parse(stdout) as Record<"distributor" | "ais" | "owner", Hex>;
    const distributor = { ...settlement.distributor, address: addresses.distributor };
    expect(await client.read(distributor, { name: "owner", args: [] })).toBe(key.address);
    expect(await client.read(distributor, { name: "token", args: [] })).toBe(getAddress(settlement.ais.address));
    expect([getAddress(addresses.ais), addresses.owner]).toEqual([getAddress(settlement.ais.address), key.address]);

    const noAis = await run(...given, "--ais", settlement.distributor.address);
    expect([noAis.code, noAis.stderr]).toEqual([1, expect.stringContaining("not all deployed")]);
    await chmod(file, 0o644);
    const shown = await run(...given);
    expect([shown.code, shown.stderr]).toEqual([1, expect.stringContaining("read by others")]);
    await temporary.remove();
  });

  it("says what is wrong with what it was given, and what there is to give", async () => {
    expect((await run("--help")).stdout).toContain("node contracts/dist/deploy-pool.js --url");
    const wrong = [
      [["--pool", toHex(pool)], "--url is undefined"],
      [["--url", "nowhere", "--pool", toHex(pool)], "--url is nowhere"],
      [["--url", chain.url, "--pool", "70".repeat(31)], "--pool is 7070"],
      [["--url", chain.url, "--pool", "00".repeat(32)], "--pool is 0000"],
      [["--url", chain.url, "--pool", toHex(pool), "--ais", "0x1234"], "--ais is 0x1234"],
      [["--pools", "1"], "--pools"],
    ] as const;
    for (const [args, said] of wrong) {
      const { code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    }
    const unreachable = await run("--url", "http://127.0.0.1:9", "--pool", toHex(pool));
    expect([unreachable.code, unreachable.stderr]).toEqual([1, expect.stringContaining("not all deployed")]);
  });
});

describe("a transaction's cost", () => {
  it("is at most 100,000 gas for a claim among 100,000 accounts, an account's first too", async () => {
    await send("ais", "mint", settlement.distributor.address, 10n ** 15n);
    const address = new Uint8Array(20).fill(0xe7);
    const gas: number[] = [];
    for (const amount of [41_234_567_890_123n, 98_765_432_109_876n]) {
      const { root, proof } = pathOf17(address, amount);
      const [epoch, previous] = [(await read("distributor", "epoch")) as bigint, await read("distributor", "root")];
      await send("distributor", "post", hex(pool), epoch + 3n, previous, root, 10n ** 15n); // two epochs were empty
      const { gasUsed } = await send("distributor", "claim", hex(address), amount, root, proof);
      gas.push(Number(gasUsed));
    }
    const [first, second] = gas as [number, number];
    expect(first).toBeLessThanOrEqual(100_000);
    expect(second).toBeLessThan(first);
    expect(second).toBeGreaterThan(50_000); // 21,000, its data and a transfer: less has not paid anything
    expect(await read("ais", "balanceOf", hex(address))).toBe(98_765_432_109_876n);
  });
});
