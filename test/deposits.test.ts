import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AegisProcess, startAegis, stopAegis } from "./fixtures/aegis-process.js";
import { startAlteringProxy } from "./fixtures/altering-proxy.js";
import { startHostileNode } from "./fixtures/hostile-node.js";
import { type SettledChain, startSettledChain } from "./fixtures/settled-chain.js";
import { temporaryDirectory } from "./fixtures/temporary.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let [chain, other]: SettledChain[] = [];
let pool: AegisProcess;

const ours = (): SettledChain => {
  if (!chain) throw new TypeError("the chain is there within tests only");
  return chain;
};
const poolUrl = () => String(pool.ready["url"]);

/** An `aegis` that runs, and what becomes of it. */
function begin(...args: string[]) {
  const env = { ...process.env, AEGIS_HOME: join(home.path, "home"), AEGIS_POOL: poolUrl() };
  const child = spawn(process.execPath, [aegis, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return once(child, "close").then(([code]) => ({ code: code as number, stdout, stderr }));
}

const deposit = (amount: string, ...more: string[]) =>
  begin("account", "deposit", amount, "--chain", ours().chain.url, "--evm-key", ours().keyFiles[1], ...more);
const opened = (...args: string[]) => begin("pool", "--port", "0", "--data", join(home.path, "another"), ...args);
const balance = async () =>
  (JSON.parse((await begin("account", "show", "--json")).stdout) as { balance: string }).balance;
const count = () => ours().read(ours().settlement.deposits, "count");

beforeAll(async () => {
  home = await temporaryDirectory();
  const data = join(home.path, "pool");
  await mkdir(data);
  const key = toHex((await openKeyFile(join(data, "pool.key"), createEd25519Signer)).publicKey);
  [chain, other] = await Promise.all([startSettledChain(key), startSettledChain("70".repeat(32), 5)]);
  await chain.send(chain.settlement.ais, "mint", chain.ada.address, 10n ** 12n);
  const settling = [
    "--chain",
    chain.chain.url,
    "--deposits",
    chain.settlement.deposits.address,
    "--confirmations",
    "2",
  ];
  pool = await startAegis(["pool", "--port", "0", "--data", data, ...settling]);
});
afterAll(async () => {
  await stopAegis(pool);
  await Promise.all([chain?.stop(), other?.stop(), home.remove()]);
});

describe("aegis account deposit", () => {
  it("pays in on chain, and waits until the pool has credited it", async () => {
    const paid = deposit("5 AIS", "--wait", "--json");
    await expect.poll(count).toBe(1n);
    await ours().mine(2);
    const { code, stdout } = await paid;
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ amount: "5000000000", confirmations: 2, credited: true, balance: "5000000000" },
      transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
    });
    expect([code, await balance()]).toEqual([0, "5000000000"]);
  });

  it("without waiting says by what it was paid in, and when it is credited", async () => {
    const { code, stdout, stderr } = await deposit("0.5 AIS");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^0x[0-9a-f]{64}\n$/)]);
    expect(stderr).toMatch(/0\.5 AIS are paid in .* 2 blocks later/);
    await ours().mine(2);
    await expect.poll(balance).toBe("5500000000");
  });

  it("says in a line what the chain refuses, and pays nothing in", async () => {
    const before = await count();
    const refused: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["2000 AIS"], 1, /ERC20InsufficientBalance/],
      [["0 AIS"], 2, /nothing to pay in/],
      [["5 AIS", "--chain", "http://127.0.0.1:1"], 3, /cannot be reached.*\n.*chain-unreachable/],
      [["5 AIS", "--chain", other?.chain.url ?? ""], 1, /is of chain 5, not of chain 31337/],
      [["5 AIS", "--evm-key", aegis], 1, /key-unreadable/],
    ];
    for (const [[amount = "", ...more], exit, said] of refused) {
      const { code, stderr } = await deposit(amount, ...more);
      expect([code, stderr]).toEqual([exit, expect.stringMatching(said)]);
      expect(stderr.length).toBeLessThan(600);
    }
    expect(await count()).toBe(before);
  });

  it("pays nothing in where a pool names contracts that are another's", async () => {
    const proxy = await startAlteringProxy(poolUrl());
    const node = await startHostileNode(ours().chain.url);
    node.alter = ({ method }) => (method === "eth_call" ? { result: `0x${"70".repeat(32)}` } : undefined);
    const { code, stderr } = await deposit("1 AIS", "--chain", node.url);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Do not pay in/)]);
    proxy.alter.answer = ({ path }, answer) =>
      path === "/v1/settlement" ? { ...answer, body: Buffer.from('{"chainId":31337,"deposits":"0x12"}') } : answer;
    expect((await deposit("1 AIS", "--pool", proxy.url)).code).toBe(3);
    await Promise.all([proxy.stop(), node.stop()]);
  });

  it("says it where the pool credits nothing any more", async () => {
    const proxy = await startAlteringProxy(poolUrl());
    proxy.alter.answer = ({ path }, answer) => {
      if (path !== "/v1/settlement") return answer;
      const said = {
        ...(JSON.parse(answer.body.toString()) as object),
        problem: { what: "reorganised", message: "Gone." },
      };
      return { ...answer, body: Buffer.from(JSON.stringify(said)) };
    };
    const { code, stderr } = await deposit("1 AIS", "--pool", proxy.url, "--wait");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/credits no deposits: Gone\./)]);
    await proxy.stop();
  });
});

describe("aegis pool", () => {
  it.each([
    [["--chain", "http://127.0.0.1:8545/secret"], /no --deposits|--deposits undefined/],
    [["--deposits", `0x${"77".repeat(20)}`], /no --chain/],
    [["--chain", "http://127.0.0.1:8545/secret", "--deposits", "0x77"], /--deposits 0x77/],
    [["--confirmations", "-1"], /--confirmations is "-1"/],
  ])("takes no %s", async (args, said) => {
    const { code, stderr } = await opened(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
    expect(stderr).not.toContain("secret");
  });

  it("is not opened with the contracts of another pool", async () => {
    const address = ours().settlement.deposits.address;
    const { code, stderr } = await opened("--chain", ours().chain.url, "--deposits", address);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/are of the pool .*chain-refused/s)]);
  });
});
