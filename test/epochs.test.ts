import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certify } from "@aegis-pool/agent";
import { writeReceipt } from "../packages/cli/src/jobs/receipt-file.js";
import {
  chargeOf,
  receiptStatement,
  runStatement,
  signStatement,
  toCbor,
  toHex,
  type VerifiedEpoch,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headerOf, pool, verify, writeEpoch, type WrittenEpoch } from "../packages/core/test/rewards/epoch/epochs.js";
import { agentKeys } from "./fixtures/scripted-agent.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
const recompute = join(import.meta.dirname, "../examples/epoch/recompute.mjs");

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "aegis-epochs-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const name = (byte: number) => byte.toString(16).padStart(2, "0").repeat(32);
const { reward } = chargeOf(7_200_000_000, 3_087n);
const paid = { work: name(1), operator: name(9), units: 7_200_000_000, price: 3_087, amount: String(reward) };
const here = { available: name(2), operator: name(8), units: 172_800_000_000 };
const payouts = [
  { payout: paid.operator, address: "c7".repeat(20), amount: String(reward) },
  { payout: here.operator, address: "d8".repeat(20), amount: "1" },
];
const first = writeEpoch(headerOf(0, undefined), { attendances: [here], work: [paid], payouts });
const verified = verify(first) as VerifiedEpoch;
const second = writeEpoch(headerOf(1, verified), { work: [{ ...paid, work: name(3) }] }, verified.totals);

/** The file as a pool serves it, but for what `change` does to its text. */
async function save(file: string, { lines, signed }: WrittenEpoch, change = (text: string) => text): Promise<string> {
  const path = join(folder, file);
  const statement = Buffer.from(toCbor(signed)).toString("base64url");
  await writeFile(path, change([...lines, JSON.stringify({ statement }), ""].join("\n")));
  return path;
}

/** What a program prints, and its exit code. */
function call(script: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** A receipt as a pool signs it, in a file. */
async function receiptFile(file: string, payment: "paid" | "held", by = pool): Promise<{ path: string; id: string }> {
  const keys = agentKeys();
  const certificate = certify(keys, by.publicKey, Date.now());
  const [number, fence, agent] = [7, 1, keys.agent.publicKey];
  const ended = { outcome: "completed" as const, result: new Uint8Array(32), resultBytes: 32, ranMs: 5, engine: "js" };
  const run = signStatement(runStatement, { number, fence, agent, manifest: new Uint8Array(32), ...ended }, keys.agent);
  const work = { work: 1, price: "3087", charge: "1", reward: "1", fee: "0", payment, issuedAt: Date.now() };
  const parties = { pool: by.publicKey, agent, operator: keys.operator.publicKey, run: primitives.sha256(run.body) };
  const receipt = signStatement(receiptStatement, { number, fence, ...parties, ...work }, by);
  const path = join(folder, file);
  await writeReceipt(path, { certificate, run, receipt }, toHex(by.publicKey));
  return { path, id: toHex(primitives.sha256(receipt.body)) };
}

describe("aegis epoch verify --receipt", () => {
  it("finds a receipt that was paid, and says so of one that was left out", async () => {
    const [mine, other] = [await receiptFile("mine.json", "paid"), await receiptFile("other.json", "paid")];
    const row = { ...paid, work: mine.id };
    const path = await save("paid.jsonl", writeEpoch(headerOf(0, undefined), { work: [row] }));
    expect((await call(aegis, "epoch", "verify", path, "--receipt", mine.path)).code).toBe(0);
    const { code, stderr } = await call(aegis, "epoch", "verify", path, "--receipt", mine.path, other.path);
    expect([code, stderr]).toEqual([4, expect.stringContaining("[omitted]")]);
  });

  it("accuses nobody with what is held, or what another pool has signed", async () => {
    const path = await save("1.jsonl", first);
    const held = await receiptFile("held.json", "held");
    expect((await call(aegis, "epoch", "verify", path, "--receipt", held.path)).code).toBe(2);
    const foreign = await receiptFile("foreign.json", "paid", createEd25519Signer());
    const { code, stderr } = await call(aegis, "epoch", "verify", path, "--receipt", foreign.path);
    expect([code, stderr.includes("[omitted]")]).toEqual([4, false]);
  });
});

describe("aegis epoch verify", () => {
  it("recomputes an epoch, and that it follows the one before", async () => {
    const [one, two] = [await save("1.jsonl", first), await save("2.jsonl", second)];
    const { code, stdout } = await call(
      aegis,
      "epoch",
      "verify",
      two,
      "--previous",
      one,
      "--pool-key",
      toHex(pool.publicKey),
    );
    expect([code, stdout.split("\n")[0]]).toEqual([0, expect.stringContaining("Adds up: epoch 20421")]);
    const { stdout: json } = await call(aegis, "epoch", "verify", one, "--json");
    expect(JSON.parse(json)).toMatchObject({
      epoch: 20_420,
      operators: 2,
      rows: { available: 1, work: 1, settled: 0, payout: 2 },
      claimable: String(reward + 1n),
      addresses: 2,
    });
  });

  it.each<[string, number, string, (text: string) => string]>([
    ["a digit is another", 4, "[operator]", (text) => text.replace(/"earned":"(\d*?)\d"/, '"earned":"$17"')],
    ["the statement is cut off", 4, "[line]", (text) => text.slice(0, text.lastIndexOf('{"statement"'))],
    ["a line is left out", 4, "[operator]", (text) => text.replace(/.*"work":.*\n/, "")],
    ["a line has no end", 4, "[line]", (text) => text + "x".repeat(100_000)],
  ])("exits with the code of what is not genuine where %s", async (_, code, reason, change) => {
    const answer = await call(aegis, "epoch", "verify", await save("changed.jsonl", first, change));
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(reason)]);
  });

  it("says which file is not there", async () => {
    const { code, stderr } = await call(aegis, "epoch", "verify", join(folder, "none.jsonl"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is no such file")]);
  });
});

it("a script that shares no code with the pool finds the same root and sums, and what is not as it was signed", async () => {
  const { code, stdout } = await call(recompute, await save("1.jsonl", first));
  expect([code, stdout]).toEqual([0, expect.stringContaining(toHex(verified.statement.root))]);
  expect(stdout).toContain(`${paid.operator.slice(0, 16)}… earned ${reward} nAIS`);
  expect(stdout).toContain(`0x${"c7".repeat(20)} can claim ${reward} nAIS in all`);
  for (const [from, to] of [
    [`"amount":"${reward}"`, `"amount":"1"`],
    [`"claimable":"1"`, `"claimable":"2"`],
  ] as const) {
    const changed = await save("changed.jsonl", first, (text) => text.replace(from, to));
    expect((await call(recompute, changed)).code).toBe(4);
  }
});
