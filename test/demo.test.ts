import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { verifyEpochFile } from "@aegis-pool/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aegis-demo-test-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Wrong {
  readonly operators: number;
  readonly charge: string;
  readonly refund: string;
}

test("the demo audits every contract although an agent is killed half-way, finds out who cheats, pays on a chain what was earned, and has lenders train together", async () => {
  const args = [aegis, "demo", "--limit", "16", "--chain", "--json"];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let stdout = "";
  child.stdout?.on("data", (data: Buffer) => (stdout += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  const outcome = JSON.parse(stdout) as {
    cheat: { wrong: Wrong[]; penalty: string; bondLeft: string };
    earnings: { root: string; file: string; earned: Record<string, string>; claimed: string };
    lenders: { together: number; alone: number };
  };
  expect(outcome).toMatchObject({ contracts: 16, audited: 16, failed: [], killed: "desktop" });
  expect(outcome.cheat).toMatchObject({ right: 4, honestWrong: 0, cheatEarned: "0", sum: "0", held: "0" });
  const { wrong, penalty, bondLeft } = outcome.cheat;
  expect(wrong.length).toBeGreaterThanOrEqual(2);
  for (const { operators, charge, refund } of wrong) expect([operators, refund]).toEqual([8, charge]);
  const unforgiven = wrong.slice(1).reduce((sum, { charge }) => sum + BigInt(charge), 0n);
  expect([BigInt(penalty), BigInt(bondLeft)]).toEqual([40n * unforgiven, 100_000n - 40n * unforgiven]);
  const { root, file, earned, claimed } = outcome.earnings;
  expect(toHex((await verifyEpochFile(file)).statement.root)).toBe(root);
  expect([claimed, BigInt(claimed) > 0n]).toEqual([earned["workstation"], true]);
  expect(outcome.lenders).toMatchObject({ lenders: 6, synthetic: true });
  expect(outcome.lenders.together).toBeGreaterThan(outcome.lenders.alone);
  expect(code).toBe(0);
});

test("an interrupted demo stops what it had started and says so", async () => {
  const child = spawn(process.execPath, [aegis, "demo", "--limit", "40"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  const begun = new Promise<void>((resolve) => {
    child.stderr?.on("data", (data: Buffer) => {
      stderr += data.toString();
      if (stderr.includes(" lends ")) resolve();
    });
  });
  await begun;
  child.kill("SIGINT");
  await once(child, "close");
  expect(stderr).toContain("The demo was interrupted");
});
