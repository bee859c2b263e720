import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RewardedPool } from "../packages/pool/test/rewards/rewarded-pool.js";
import { type HostileNode, startHostileNode } from "./fixtures/hostile-node.js";
import { downloadEpoch } from "./fixtures/requester.js";
import { revertAfterEach, type SettledChain, startSettledChain } from "./fixtures/settled-chain.js";
import { temporaryDirectory } from "./fixtures/temporary.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");

let rewarded: RewardedPool;
let chain: SettledChain;
let node: HostileNode;
let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
/** Works for an operator whose payout address is ada's, which has earned something in the epoch that is closed. */
let agent: Awaited<ReturnType<RewardedPool["payableAgent"]>>;
let newest: Awaited<ReturnType<RewardedPool["closed"]>>;

beforeAll(async () => {
  rewarded = await RewardedPool.start();
  chain = await startSettledChain(toHex(rewarded.pool.client.key));
  node = await startHostileNode(chain.chain.url);
  folder = await temporaryDirectory();
  agent = await rewarded.payableAgent(chain.ada.address);
  await earn();
});
revertAfterEach(
  () => chain,
  () => node,
);
afterAll(async () => {
  await node.stop();
  await Promise.all([chain.stop(), rewarded.stop(), folder.remove()]);
});

/** The operator earns something more, and another epoch is closed. */
async function earn(): Promise<void> {
  const earned = async () => (await rewarded.pool.client.books()).totals.get("claimable") ?? 0n;
  const there = await earned();
  await rewarded.here(agent, 300);
  rewarded.endEpoch();
  await vi.waitUntil(async () => (await earned()) > there, { timeout: 10_000 });
  newest = await rewarded.closed(newest);
}

/** nAIS that the operator has earned in all, in digits. */
const earned = () => newest.statement.claimable;

/** One that is under way, and what it has said in the end. */
function start(command: string, key: string | undefined, more: readonly string[]) {
  const at = ["--pool", rewarded.pool.url, "--chain", node.url, "--distributor", chain.settlement.distributor.address];
  const args = [aegis, command, ...at, ...(key === undefined ? [] : ["--evm-key", key]), ...more, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

async function endOf(child: ChildProcess) {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr, said: JSON.parse(stdout || "{}") as Record<string, unknown> };
}

/** The newest epoch's file. */
async function save(): Promise<string> {
  const file = join(folder.path, `${newest.header.epoch}.jsonl`);
  await rm(file, { force: true });
  await downloadEpoch(rewarded.pool.client, newest.header.epoch, file);
  return file;
}

/** `aegis settle` is killed when it sends its post. @param meanwhile what becomes of the post */
async function killedAtPost(meanwhile: (honest: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
  let child: ChildProcess | undefined;
  node.alter = async ({ method }, honest) => {
    if (method !== "eth_sendRawTransaction") return undefined;
    await meanwhile(honest);
    child?.kill("SIGKILL");
    return "stall";
  };
  const killed = start("settle", chain.keyFiles[0], []);
  child = killed.child;
  expect((await killed.ended).code).toBeNull();
  node.alter = undefined;
}

const settle = (...more: string[]) => start("settle", chain.keyFiles[0], more).ended;
const claim = (...more: string[]) => start("claim", chain.keyFiles[1], more).ended;
const tokensOf = (address: string) => chain.read(chain.settlement.ais, "balanceOf", address);

describe("what operators have earned", () => {
  it("is posted on chain and claimed there, each once, epoch after epoch", async () => {
    const first = earned();
    const posted = await settle("--mint", "1 AIS");
    expect(posted).toMatchObject({ code: 0, said: { answer: "posted", minted: first, lacking: "0" } });
    expect(posted.said["root"]).toBe(toHex(newest.statement.claims));
    expect(await settle("--mint", "1 AIS")).toMatchObject({ code: 0, said: { answer: "known", minted: "0" } });
    expect(await claim()).toMatchObject({ code: 0, said: { paid: first } });
    expect(await claim()).toMatchObject({ code: 0, said: { paid: "0" } });
    await earn();
    await settle("--mint", "1 AIS");
    const more = String(BigInt(earned()) - BigInt(first));
    expect(await claim("--show")).toMatchObject({ code: 0, said: { claimable: more, cumulative: earned() } });
    expect(await claim()).toMatchObject({ code: 0, said: { paid: more } });
    expect(String(await tokensOf(chain.ada.address))).toBe(earned());
  });

  it("can be claimed by an epoch's file when the pool is gone, and by somebody else for whose address it is", async () => {
    await settle("--mint", "1 AIS");
    const args = ["--epoch-file", await save(), "--address", chain.ada.address, "--pool", "http://127.0.0.1:1"];
    const byBob = await start("claim", chain.keyFiles[2], args).ended;
    expect(byBob).toMatchObject({ code: 0, said: { paid: earned() } });
    expect(String(await tokensOf(chain.ada.address))).toBe(earned());
  });

  it("is not claimed by a file of another epoch, nor where the pool has posted another root than it has signed", async () => {
    const file = await save();
    await earn();
    await settle("--mint", "1 AIS");
    const late = await claim("--epoch-file", file);
    expect(late).toMatchObject({ code: 4, stderr: expect.stringContaining("not what is posted") });
    const { distributor } = chain.settlement;
    const root = await chain.read(distributor, "root");
    const pool = `0x${toHex(rewarded.pool.client.key)}`;
    const another = `0x${"ab".repeat(32)}`;
    await earn();
    await chain.send(distributor, "post", pool, newest.header.epoch, root, another, 10n ** 15n);
    expect(await claim()).toMatchObject({ code: 4, stderr: expect.stringContaining(another) });
  });
});

describe("a settlement", () => {
  it("of which the process is killed when its post was sent is done once: again it is known", async () => {
    await killedAtPost((honest) => honest());
    expect(await settle()).toMatchObject({ code: 0, said: { answer: "known" } });
  });

  it("that was killed before its post reached the chain is done the next time", async () => {
    await killedAtPost(async () => undefined);
    expect(await settle()).toMatchObject({ code: 0, said: { answer: "posted", total: earned() } });
  });

  it("that a reorganisation has taken back is posted again, and what was claimed by it is claimed again", async () => {
    const unposted = await chain.ask("evm_snapshot");
    await settle("--mint", "1 AIS");
    await claim();
    await chain.ask("evm_revert", unposted);
    expect(await settle("--mint", "1 AIS")).toMatchObject({ said: { answer: "posted", minted: earned() } });
    expect(await claim()).toMatchObject({ said: { paid: earned() } });
  });

  it("is refused at another pool's distributor, and by whoever does not post there", async () => {
    const other = await startSettledChain("51".repeat(32));
    try {
      const args = ["--chain", other.chain.url, "--distributor", other.settlement.distributor.address];
      const { code, stderr } = await settle(...args);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`pool ${"51".repeat(32)}'s`)]);
    } finally {
      await other.stop();
    }
    const byAda = await start("settle", chain.keyFiles[1], []).ended;
    expect(byAda).toMatchObject({ code: 1, stderr: expect.stringContaining("OwnableUnauthorizedAccount") });
  });

  it("mints no more than it may: what a pool has signed is no reason to make any amount of money", async () => {
    const { code, stderr } = await settle("--mint", "1 nAIS");
    expect([code, stderr]).toEqual([1, expect.stringContaining("at most 1 nAIS may be minted")]);
    expect(await settle("--mint", earned() + " nAIS")).toMatchObject({ said: { answer: "known", minted: earned() } });
  });

  it("says in a line that the chain cannot be reached, or that a key or an address is missing or none", async () => {
    expect(await settle("--chain", "http://127.0.0.1:1")).toMatchObject({ code: 3 });
    expect(await start("settle", undefined, []).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--evm-key"),
    });
    expect(await settle("--distributor", "0x12")).toMatchObject({ code: 2 });
    expect(await settle("--distributor", chain.ada.address)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no contract"),
    });
    expect(await claim()).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing is posted") });
  });
});

it("who has earned nothing is told which address counts", async () => {
  await settle();
  const byBob = await start("claim", chain.keyFiles[2], []).ended;
  expect(byBob).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing was paid out to") });
});
