import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readModel, toHex } from "@aegis-pool/core";
import { syntheticLenders } from "@aegis-pool/workload-credit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account, openAccountKey } from "../packages/sdk/src/index.js";
import { applicantsFile } from "./fixtures/applicants-file.js";
import { CommitteeMember } from "./fixtures/committee-member.js";
import { present } from "./fixtures/present.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { startTestPool, type TestPool } from "./fixtures/test-pool.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");

let pool: TestPool;
let members: readonly CommitteeMember[];
let home: Awaited<ReturnType<typeof temporaryDirectory>>;
const lenders = syntheticLenders({ lenders: 5, applicants: 600, seed: 7 });

beforeAll(async () => {
  pool = await startTestPool("off", { committeeTrust: 0 });
  members = await Promise.all(Array.from({ length: 4 }, () => CommitteeMember.join(pool)));
  home = await temporaryDirectory();
  const key = await openAccountKey(join(home.path, "account.key"));
  await new Account(pool.client, key).fund(10n ** 12n);
});

afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()));
  await pool.stop();
  await home.remove();
});

/** What `aegis federate` with these words answers in the end, as JSON: its result, or its error. */
async function federate(...words: string[]): Promise<Record<string, unknown>> {
  const env = { ...process.env, AEGIS_HOME: home.path };
  const child = spawn(process.execPath, [aegis, "federate", ...words, "--json"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  await once(child, "close");
  return JSON.parse(present(said.trimEnd().split("\n").at(-1))) as Record<string, unknown>;
}

function joinAll(folder: string, dataOf: (place: number) => string): Promise<Record<string, unknown>[]> {
  const joined = Array.from({ length: 5 }, (_, place) => {
    const invitation = join(folder, `invitation-0${place + 1}.json`);
    return federate("join", invitation, "--data", dataOf(place), "--out", join(folder, `model-${place}`));
  });
  return Promise.all(joined);
}

async function applicants(folder: string): Promise<{ schema: string; dataOf: (place: number) => string }> {
  await mkdir(folder, { recursive: true });
  const schema = join(folder, "schema.json");
  const columns = present(lenders[0]).applicants.table.columns.map(({ name, kind }) =>
    kind === "category" ? { name, kind, names: [] } : { name, kind, low: 0, high: 100_000 },
  );
  await writeFile(
    schema,
    JSON.stringify({ name: "invented", columns, label: { column: "default", bad: "1", good: "0" } }),
  );
  for (const [place, lender] of lenders.entries()) {
    await writeFile(join(folder, `lender-${place}.csv`), applicantsFile(lender.applicants));
  }
  return { schema, dataOf: (place) => join(folder, `lender-${place}.csv`) };
}

describe("aegis federate", () => {
  it("makes a run, lets five lenders join it, and gives all the same model", async () => {
    const folder = join(home.path, "lr");
    const { schema, dataOf } = await applicants(folder);
    const terms = ["--participants", "5", "--schema", schema, "--rounds", "3", "--most-rows", "400"];
    terms.push("--measure-every", "2");
    const created = await federate("create", ...terms, "--pool", pool.url, "--out", folder);
    const files = (await readdir(folder)).filter((name) => name.startsWith("invitation"));
    expect(files).toHaveLength(5);
    expect((await stat(join(folder, "run.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, present(files[0])))).mode & 0o777).toBe(0o600);
    const ends = await joinAll(folder, dataOf);
    expect(ends.every(({ measured }) => JSON.stringify(measured) === JSON.stringify(ends[0]?.["measured"]))).toBe(true);
    const models = await Promise.all(
      [0, 1, 2, 3, 4].map((place) => readFile(join(folder, `model-${place}`, "model.onnx"))),
    );
    expect(new Set(models.map(toHex)).size).toBe(1);
    const result = await federate("result", join(folder, "run.json"), "--out", join(folder, "owner"));
    expect(toHex(await readFile(join(folder, "owner", "model.onnx")))).toBe(toHex(present(models[0])));
    expect(result["measured"]).toMatchObject({
      rows: lenders.reduce((all, { applicants: { labels } }) => all + labels.length, 0),
    });
    expect((result["measured"] as { auc: number }).auc).toBeGreaterThan(0.6);
    expect(readModel(await readFile(join(folder, "owner", "model.safetensors"))).map(({ name }) => name)).toEqual([
      "layer0.weight",
      "layer0.bias",
    ]);
    const status = await federate("status", join(folder, "run.json"));
    expect(status).toMatchObject({ run: created["run"], phase: "ended", enrolled: 5, seats: 5 });
    const rounds = status["rounds"] as { name: string; loss?: number; auc?: number; participants: number }[];
    const losses = rounds.filter(({ name }) => name.startsWith("round")).map(({ loss }) => present(loss));
    expect(losses).toHaveLength(3);
    expect(present(losses.at(-1))).toBeLessThan(present(losses[0]));
    expect(rounds.filter(({ auc }) => auc !== undefined)).toHaveLength(2);
    expect(status["auc"]).toBe((result["measured"] as { auc: number }).auc);
  });

  it.each([
    ["per record", ["--rows", "600"]],
    ["per participant", ["--per", "participant", "--colluding", "1", "--strategy", "fed-adam"]],
  ])("states what a private run promises, %s, and spends no more", async (unit, words) => {
    const folder = join(home.path, unit.replace(" ", "-"));
    const { schema, dataOf } = await applicants(folder);
    const terms = ["--participants", "5", "--schema", schema, "--rounds", "4", "--most-rows", "400"];
    const promise = ["--epsilon", "3", "--delta", "1e-5", ...words];
    const created = await federate("create", ...terms, ...promise, "--pool", pool.url, "--out", folder);
    expect(created["privacy"]).toContain(`epsilon 3 at delta 0.00001 ${unit}`);
    await joinAll(folder, dataOf);
    const status = await federate("status", join(folder, "invitation-01.json"));
    const spent = (status["rounds"] as { epsilon: number }[]).map(({ epsilon }) => epsilon);
    expect(spent).toHaveLength(4);
    expect(spent.every((epsilon, at) => at === 0 || epsilon > present(spent[at - 1]))).toBe(true);
    expect(present(spent.at(-1))).toBeGreaterThan(2.9);
    expect(present(spent.at(-1))).toBeLessThanOrEqual(3);
  });

  it("leaves no files of a run that could not be paid for", async () => {
    const folder = join(home.path, "unpaid");
    const given = [
      "create",
      "--participants",
      "5",
      "--schema",
      "synthetic",
      "--rounds",
      "5000",
      "--max-price",
      "100 AIS",
    ];
    expect(await federate(...given, "--pool", pool.url, "--out", folder)).toMatchObject({
      error: { code: "insufficient-funds" },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [["--plan", "network"], "--widths"],
    [["--epsilon", "3"], "--rows"],
    [["--per", "participant"], "--per"],
    [["--robust", "median"], "--groups 3"],
    [["--model", "trees", "--epsilon", "3"], "--epsilon"],
    [["--participants", "4"], "--participants"],
    [["--schema", "nowhere.json"], "--schema"],
  ])("refuses to create a run with %j", async (words, named) => {
    const folder = join(home.path, "refused");
    const given = ["create", "--participants", "5", ...words, "--pool", pool.url, "--out", folder];
    const said = await federate(...given);
    expect(said).toMatchObject({ error: { code: "bad-argument" } });
    expect(JSON.stringify(said)).toContain(named);
  });
});
