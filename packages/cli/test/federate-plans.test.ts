import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GroupSum, plainSum, type Step } from "@aegis-pool/core";
import { type AnyProcedure, writePlan } from "@aegis-pool/sdk";
import { chargedBudget, type CreditSettings, german, noiseFor, readSchema } from "@aegis-pool/workload-credit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { describePlan, type KnownPlan, openPlan, type PlanResult, procedureOf, sumsOf } from "../src/federate/plans.js";
import { writeResult } from "../src/federate/results.js";
import { type RoundLine, roundsTable, withLines } from "../src/federate/rounds-table.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
const participants = 5;
beforeAll(async () => {
  folder = await temporaryDirectory();
  for (let place = 0; place < participants; place++) {
    await writeFile(dataOf(place), creditRows(place));
    await writeFile(numbersOf(place), numberRows(place));
  }
});
afterAll(() => folder.remove());

const dataOf = (place: number) => join(folder.path, `credit-${place}.csv`);
const numbersOf = (place: number) => join(folder.path, `numbers-${place}.csv`);
const signal = new AbortController().signal;

const schema = {
  name: "small",
  columns: [
    { name: "income", kind: "money", low: 0, high: 1_000 },
    { name: "purpose", kind: "category", names: ["car", "boat"] },
  ],
  label: { column: "default", bad: "1", good: "0" },
} as CreditSettings["schema"];

/** Who has little does not pay back. */
function creditRows(place: number): string {
  const rows = Array.from({ length: 60 }, (_, row) => {
    const income = ((row * 37 + place * 11) % 60) * 15 + 20;
    return `${income},${row % 3 === 0 ? "boat" : "car"},${income < 400 ? 1 : 0}`;
  });
  return ["income,purpose,default", ...rows, ""].join("\n");
}

function numberRows(place: number): string {
  const rows = Array.from({ length: 40 }, (_, row) => {
    const [x, y] = [((row * 7 + place) % 11) / 10, ((row * 5) % 13) / 10];
    return `${x},${y},${x > y ? 1 : 0}`;
  });
  return ["x,y,label", ...rows, ""].join("\n");
}

const credit = (change: Partial<CreditSettings>): KnownPlan => ({
  name: "credit",
  settings: {
    ...{ schema, model: "lr", rounds: 12, hidden: [], mostParticipants: participants, mostRows: 60, seed: 3 },
    salt: new Uint8Array(16).fill(7),
    ...change,
  },
});
const network: KnownPlan = {
  name: "network",
  settings: {
    ...{ widths: [2, 4, 1], activation: "relu", rounds: 8, epochs: 2, batchRows: 8, learningRate: 0.2 },
    ...{ mostParticipants: participants, mostRows: 40, seed: 3 },
  },
};
const target = { epsilon: 3, delta: 1e-5 };
const privacy = { ...target, noiseMultiplier: noiseFor(12, target), sharers: 3, rows: 300 };

/** Runs the plan's procedure for all participants, and for one who observes, with plain sums. */
async function together(
  plan: KnownPlan,
  pathOf: (place: number) => string,
  trainerOf: (place: number) => string | undefined = () => undefined,
): Promise<[PlanResult[], RoundLine[]]> {
  const lines: RoundLine[] = [];
  const own = Array.from({ length: participants }, (_, place) =>
    procedureOf(plan, { data: pathOf(place), trainer: trainerOf(place), signal }),
  );
  const all: AnyProcedure<PlanResult>[] = [
    ...(await Promise.all(own)),
    withLines(await procedureOf(plan), (line) => lines.push(line)),
  ];
  let turns = await Promise.all(all.map(async (each) => each.next()));
  while (!present(turns[0]).done) {
    const steps = turns.map(({ value }) => value as Step);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(1);
    const sums: readonly GroupSum[] = plainSum(steps.slice(0, participants));
    turns = await Promise.all(all.map(async (each) => each.next(sums)));
  }
  return [turns.map(({ value }) => value as PlanResult), lines];
}

describe("a plan", () => {
  it.each<[string, KnownPlan, (place: number) => string]>([
    ["credit with a logistic regression", credit({}), dataOf],
    ["credit with a network", credit({ model: "mlp", hidden: [4] }), dataOf],
    ["credit with trees", credit({ model: "trees", rounds: 3 }), dataOf],
    ["credit under differential privacy", credit({ privacy }), dataOf],
    ["network", network, numbersOf],
  ])("%s gives all the same, and who observes too, in as many sums as it says", async (name, plan, pathOf) => {
    const [results, lines] = await together(plan, pathOf);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(lines.length).toBeLessThanOrEqual(sumsOf(plan));
    const out = join(folder.path, name);
    await mkdir(out);
    await writeResult(out, present(results[0]), describePlan(plan, 5).privacy);
    expect(await readdir(out)).toContain("model.onnx");
  });

  it("learns what there is to learn", async () => {
    const [results] = await together(credit({ rounds: 40 }), dataOf);
    expect(results[0]).toMatchObject({ measured: { rows: 300 } });
    const { measured } = results[0] as { measured: { auc: number } };
    expect(measured.auc).toBeGreaterThan(0.95);
  });

  it("is shown sum by sum, with its loss where it is sent", async () => {
    const [, lines] = await together(network, numbersOf);
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
    const short = { name: "network", settings: { ...network.settings, rounds: 2 } } as KnownPlan;
    const [results] = await together(short, numbersOf, (place) => (place === 0 ? trainer : undefined));
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it("is read from an invitation as it was written into it", () => {
    for (const plan of [credit({ privacy }), network]) expect(openPlan(writePlan(plan))).toEqual(plan);
  });

  it.each<[string, unknown]>([
    ["another", { name: "other", settings: {} }],
    ["one with a model that is not known", { ...credit({}), settings: { ...credit({}).settings, model: "svm" } }],
    [
      "one with a salt that is too short",
      { ...credit({}), settings: { ...credit({}).settings, salt: new Uint8Array(8) } },
    ],
    ["a network without an output", { ...network, settings: { ...network.settings, widths: [2, 4] } }],
  ])("that is %s is refused", (_what, plan) => {
    const open = () => openPlan(writePlan(plan as KnownPlan));
    expect(open).toThrow(expect.objectContaining({ code: "bad-argument" }) as Error);
  });

  it("whose noise does not keep what it promises is refused before anybody joins", () => {
    const weak = credit({ privacy: { ...privacy, noiseMultiplier: privacy.noiseMultiplier / 2 } });
    expect(() => describePlan(weak, 5)).toThrow(expect.objectContaining({ code: "budget-exceeded" }) as Error);
    expect(describePlan(credit({ privacy }), 5).privacy).toContain("epsilon 3 at delta 0.00001 per record");
    expect(chargedBudget(credit({}).settings as CreditSettings)).toBeUndefined();
  });
});

describe("a plan's noise", () => {
  it("must be in the smallest sum that the run releases", () => {
    expect(describePlan(credit({ privacy }), 5).privacy).toContain("unless more than 2 collude");
    const open = () => describePlan(credit({ privacy: { ...privacy, sharers: 6 } }), 5);
    expect(open).toThrow(expect.objectContaining({ code: "budget-exceeded" }) as Error);
  });
});

describe("a participant's file", () => {
  it.each<[string, string, KnownPlan]>([
    ["a label that is none", "income,purpose,default\n1,car,2\n", credit({})],
    ["a missing column", "income,default\n1,1\n", credit({})],
    ["a word for a number", "x,y,label\n1,two,1\n", network],
    ["a field too few", "x,y,label\n1,1\n", network],
  ])("with %s is refused", async (_what, text, plan) => {
    const path = join(folder.path, "wrong.csv");
    await writeFile(path, text);
    const procedure = procedureOf(plan, { data: path, trainer: undefined, signal });
    await expect(procedure).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("that is not there is refused, and so is a trainer where the engine here trains", async () => {
    const missing = procedureOf(network, { data: join(folder.path, "nowhere"), trainer: undefined, signal });
    await expect(missing).rejects.toMatchObject({ code: "bad-argument" });
    const trained = procedureOf(credit({}), { data: dataOf(0), trainer: "python train.py", signal });
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
