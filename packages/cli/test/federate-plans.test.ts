import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noiseMultiplierFor } from "@aegis-pool/core";
import { describePlan, type KnownPlan, openPlan, readSchema, sumsOf, valuesOf } from "@aegis-pool/plans";
import { writePlan } from "@aegis-pool/sdk";
import { german } from "@aegis-pool/workload-credit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { procedureOf } from "../src/federate/plans.js";
import { writeResult } from "../src/federate/results.js";
import { roundsTable } from "../src/federate/rounds-table.js";
import { credit, network, type OwnFiles, ownFiles, shape, together } from "./federate-fixture.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let files: OwnFiles;
beforeAll(async () => {
  folder = await temporaryDirectory();
  files = await ownFiles(folder.path);
});
afterAll(() => folder.remove());

const signal = new AbortController().signal;
const noiseMultiplier = noiseMultiplierFor({ samplingRate: 1, steps: 12 }, { epsilon: 3, delta: 1e-5 });
const privacy = { per: "record", epsilon: 3, delta: 1e-5, noiseMultiplier, sharers: 3, rows: 300 } as const;

describe("a plan", () => {
  it.each<[string, KnownPlan]>([
    ["credit with a logistic regression", credit({})],
    ["credit with a network", credit({ model: "mlp", hidden: [4] })],
    ["credit with trees", credit({ model: "trees", rounds: 3 })],
    ["credit under differential privacy", credit({ privacy })],
    ["credit by averaging", credit({ strategy: { name: "fed-avg" }, local: { epochs: 2, learningRate: 0.1 } })],
    ["network", network({})],
  ])("%s gives all the same, and who observes too, in as many sums as it says", async (name, plan) => {
    const [results, lines] = await together(plan, files);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(lines.length).toBeLessThanOrEqual(sumsOf(plan));
    for (const { bytes } of lines) expect(bytes / 4).toBeLessThanOrEqual(valuesOf(plan));
    const out = join(folder.path, name);
    await mkdir(out);
    await writeResult(out, present(results[0]), describePlan(plan, shape).privacy);
    expect(await readdir(out)).toContain("model.onnx");
  });

  it("learns what there is to learn", async () => {
    const [results] = await together(credit({ rounds: 40 }), files);
    expect(results[0]).toMatchObject({ measured: { rows: 300 } });
    const { measured } = results[0] as { measured: { auc: number } };
    expect(measured.auc).toBeGreaterThan(0.95);
  });

  it("is shown sum by sum, with its loss where it is sent", async () => {
    const [, lines] = await together(network({}), files);
    const losses = lines.map(({ loss }) => present(loss));
    expect(present(losses.at(-1))).toBeLessThan(present(losses[0]));
    expect(roundsTable(lines.slice(0, 1), () => 0.5).split("\n")[2]).toMatch(
      /^ +1 +round 1 +5 +0\.\d{4} +\d+ +0\.500$/,
    );
  });

  it("can be joined with a program that trains, beside those who train with the engine here", async () => {
    const path = join(folder.path, "trainer.cjs");
    const source = `const { copyFileSync, writeFileSync } = require("node:fs"); const { env } = process;
      if (env.AEGIS_UPDATE) copyFileSync(env.AEGIS_MODEL, env.AEGIS_UPDATE);
      writeFileSync(env.AEGIS_METRICS, '{"loss":0.5,"rows":7}');`;
    await writeFile(path, source);
    const trainer = `"${process.execPath}" "${path}"`;
    const trainerOf = (place: number) => (place === 0 ? trainer : undefined);
    const [results] = await together(network({ rounds: 2 }), files, { trainerOf });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it("is read from an invitation as it was written into it", () => {
    for (const plan of [credit({ privacy }), network({})]) expect(openPlan(writePlan(plan))).toEqual(plan);
  });

  it.each<[string, unknown]>([
    ["another", { name: "other", settings: {} }],
    ["one with a model that is not known", { ...credit({}), settings: { ...credit({}).settings, model: "svm" } }],
    [
      "one with a salt that is too short",
      { ...credit({}), settings: { ...credit({}).settings, salt: new Uint8Array(8) } },
    ],
    ["a network without an output", network({ widths: [2, 4] })],
  ])("that is %s is refused", (_what, plan) => {
    const open = () => openPlan(writePlan(plan as KnownPlan));
    expect(open).toThrow(expect.objectContaining({ code: "bad-argument" }) as Error);
  });
});

describe("a participant's file", () => {
  it.each<[string, string, KnownPlan]>([
    ["a label that is none", "income,purpose,default\n1,car,2\n", credit({})],
    ["a missing column", "income,default\n1,1\n", credit({})],
    ["a word for a number", "x,y,label\n1,two,1\n", network({})],
    ["a field too few", "x,y,label\n1,1\n", network({})],
  ])("with %s is refused", async (_what, text, plan) => {
    const path = join(folder.path, "wrong.csv");
    await writeFile(path, text);
    const procedure = procedureOf(plan, { data: path, trainer: undefined, signal });
    await expect(procedure).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("that is not there is refused, and so is a trainer where the engine here trains", async () => {
    const missing = procedureOf(network({}), { data: join(folder.path, "nowhere"), trainer: undefined, signal });
    await expect(missing).rejects.toMatchObject({ code: "bad-argument" });
    const trained = procedureOf(credit({}), { data: files.credit(0), trainer: "python train.py", signal });
    await expect(trained).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("a schema", () => {
  it("is read from JSON, and from nothing else", () => {
    expect(readSchema(JSON.stringify(german), "german.json")).toEqual(german);
    for (const text of ["{", "[]", JSON.stringify({ ...german, more: 1 })]) {
      expect(() => readSchema(text, "x.json")).toThrow(expect.objectContaining({ code: "bad-argument" }) as Error);
    }
  });
});
