import { inGroups, plainSum, type Step, type StepSum } from "@aegis-pool/core";
import { type CreditSettings, describePlan, type KnownPlan, type PlanResult } from "@aegis-pool/plans";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { type PlanFlags, planOf } from "../src/federate/create-plan.js";
import { roundsTable } from "../src/federate/rounds-table.js";
import { credit, network, type OwnFiles, ownFiles, shape, together } from "./federate-fixture.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let files: OwnFiles;
beforeAll(async () => {
  folder = await temporaryDirectory();
  files = await ownFiles(folder.path, 15);
});
afterAll(() => folder.remove());

const inThree = { participants: 15, floor: 5, groups: 3 };
const aucOf = (result: PlanResult | undefined) => present(result?.kind === "network" ? result.measured : undefined).auc;

/** A step that adds the opposite of what was learned, thirty times. */
function turned({ name, parts }: Step): Step {
  const against = parts.map((part) => {
    return part.name === "update" ? { ...part, values: part.values.map((value) => -30 * value) } : part;
  });
  return { name, parts: against };
}

const inFives = inGroups(5, plainSum);
/** Sums of three groups, the first of which is poisoned. */
const poisoned: StepSum = (steps) => inFives(steps.map((step, place) => (place < 5 ? turned(step) : step)));
/** Sums of which the first group's is lost. */
const oneLost: StepSum = (steps) => inFives(steps).slice(1);

/** How much lower the loss is after three rounds at this rate. */
async function gainAt(serverRate: number): Promise<number> {
  const [, lines] = await together(network({ rounds: 3, strategy: { name: "fed-avg", serverRate } }), files);
  const losses = lines.map(({ loss }) => present(loss));
  return present(losses[0]) - present(losses.at(-1));
}

describe("a plan's strategy", () => {
  const local = { epochs: 2, learningRate: 0.2 };
  it.each<[string, Partial<CreditSettings>]>([
    ["fed-avg", { strategy: { name: "fed-avg" }, local }],
    ["fed-prox", { strategy: { name: "fed-prox", proximal: 0.01 }, local }],
    ["fed-adam", { strategy: { name: "fed-adam", serverRate: 0.1 } }],
  ])("%s learns what there is to learn", async (name, change) => {
    const plan = credit({ rounds: 25, ...change });
    expect(describePlan(plan, shape).what).toBe(`small, model lr, 25 rounds, ${name}`);
    const [[result]] = await together(plan, files);
    expect(aucOf(result)).toBeGreaterThan(0.95);
  });

  it("is what the model is moved by: a rate of a hundredth goes a hundredth of the way", async () => {
    const [slow, fast] = [await gainAt(0.01), await gainAt(1)];
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(fast / 20);
  });
});

describe("a plan's robust mean", () => {
  const terms = { rounds: 20, mostParticipants: 15 } as const;

  it.each<[string, Partial<CreditSettings>]>([
    ["median", { robust: { name: "median" } }],
    ["trimmed mean", { robust: { name: "trimmed-mean", trim: 1 } }],
  ])("by %s learns although one group of three is poisoned", async (_name, change) => {
    const [results] = await together(credit({ ...terms, ...change }), files, { count: 15, sum: poisoned });
    for (const result of results) expect(result).toEqual(results[0]);
    expect(aucOf(results[0])).toBeGreaterThan(0.95);
  });

  it("is needed for that", async () => {
    const [results] = await together(credit(terms), files, { count: 15, sum: poisoned });
    expect(aucOf(results[0])).toBeLessThan(0.5);
  });

  it.each([
    ["two groups", { name: "median" }, { ...inThree, groups: 2 }],
    ["fewer than five in a group", { name: "median" }, { ...inThree, participants: 14 }],
    ["as many to trim as there are", { name: "trimmed-mean", trim: 2 }, { ...inThree, participants: 20, groups: 4 }],
  ] as const)("is refused for %s, by who creates a run and by who joins it", (_what, robust, run) => {
    const refused = expect.objectContaining({ code: "bad-argument" }) as Error;
    expect(() => describePlan(credit({ ...terms, robust }), run)).toThrow(refused);
    expect(describePlan(credit({ ...terms, robust: { name: "median" } }), inThree).what).toContain(
      "median of 3 groups",
    );
  });

  it("ends the run, and says why, where too few groups are left: it does not fall back to the plain mean", async () => {
    const run = together(credit({ ...terms, robust: { name: "median" } }), files, { count: 15, sum: oneLost });
    await expect(run).rejects.toMatchObject({
      code: "federated-failed",
      message: expect.stringContaining("3 groups") as string,
    });
  });
});

describe("a plan that is measured", () => {
  it("shows the AUC after so many rounds, and at the end", async () => {
    const [[result], lines] = await together(credit({ rounds: 10, measureEvery: 4 }), files);
    const measured = lines.filter(({ auc }) => auc !== undefined);
    const before = lines.slice(lines.findIndex(({ name }) => name === "round 1"));
    expect(before.map(({ name }) => name).filter((name) => name === "scores")).toHaveLength(3);
    expect(before[4]?.name).toBe("scores");
    expect(before[9]?.name).toBe("scores");
    expect(measured.at(-1)?.auc).toBe(aucOf(result));
    expect(roundsTable(measured.slice(-1), () => undefined)).toMatch(/ +scores +5 +0\.\d{4} +\d+$/);
  });
});

describe("what a run's owner asks for", () => {
  const usual: PlanFlags = {
    ...{ plan: "credit", model: "lr", schema: "german", rounds: "10", hidden: "16", mostRows: "1000" },
    ...{ delta: "1e-5", colluding: "2" },
  };
  const per = { epsilon: "3", per: "participant" } as const;

  it.each<[string, Partial<PlanFlags>, object]>([
    ["nothing more", {}, {}],
    [
      "fed-prox",
      { strategy: "fed-prox", epochs: "3" },
      { strategy: { name: "fed-prox", proximal: 0.01 }, local: { epochs: 3, learningRate: 0.1 } },
    ],
    ["fed-adam", { strategy: "fed-adam" }, { strategy: { name: "fed-adam", serverRate: 0.05 } }],
    [
      "fed-avg at a rate",
      { strategy: "fed-avg", serverRate: "0.5" },
      { strategy: { name: "fed-avg", serverRate: 0.5 } },
    ],
    ["a median", { robust: "median" }, { robust: { name: "median" } }],
    ["a trimmed mean", { robust: "trimmed", trim: "2" }, { robust: { name: "trimmed-mean", trim: 2 } }],
    ["privacy per record", { epsilon: "3", rows: "900" }, { privacy: { per: "record", sharers: 3, rows: 900 } }],
    ["privacy per participant", per, { privacy: { per: "participant", sharers: 3, clipNorm: 0.1 } }],
    ["a norm", { ...per, clipNorm: "0.5" }, { privacy: { clipNorm: 0.5 } }],
    ["measurements", { measureEvery: "5" }, { measureEvery: 5 }],
    [
      "a network per participant",
      { ...per, plan: "network", widths: "2,4,1" },
      { privacy: { per: "participant", clipNorm: 1 } },
    ],
  ])("becomes a plan: %s", async (_what, flags, settings) => {
    const plan: KnownPlan = await planOf({ ...usual, ...flags }, shape);
    expect(plan.settings).toMatchObject(settings);
    expect(() => describePlan(plan, flags.robust ? { participants: 30, floor: 5, groups: 6 } : shape)).not.toThrow();
  });

  it.each<[string, Partial<PlanFlags>]>([
    ["--per", { per: "participant" }],
    ["--rows", { rows: "100" }],
    ["--rows", { ...per, rows: "100" }],
    ["--clip-norm", { clipNorm: "1" }],
    ["--clip-norm", { epsilon: "3", rows: "100", clipNorm: "1" }],
    ["--adapt-clip", { adaptClip: true }],
    ["--adapt-clip", { ...per, adaptClip: true }],
    ["--epsilon", { ...per, epsilon: "1001" }],
    ["--epsilon", { ...per, epsilon: "0.00001" }],
    ["--epsilon", { ...per, model: "trees" }],
    ["--epsilon", { epsilon: "3", plan: "network", widths: "2,1" }],
    ["--delta", { ...per, delta: "1" }],
    ["--colluding", { ...per, colluding: "5" }],
    ["--strategy", { epsilon: "3", rows: "100", strategy: "fed-adam" }],
    ["--robust", { epsilon: "3", rows: "100", robust: "median" }],
    ["--measure-every", { epsilon: "3", rows: "100", measureEvery: "2" }],
    ["--measure-every", { ...per, measureEvery: "2" }],
    ["--measure-every", { plan: "network", widths: "2,1", measureEvery: "2" }],
    ["--strategy", { model: "trees", strategy: "fed-avg" }],
    ["--robust", { model: "trees", robust: "median" }],
    ["--measure-every", { model: "trees", measureEvery: "2" }],
    ["--proximal", { strategy: "fed-avg", proximal: "1" }],
    ["--server-rate", { serverRate: "1" }],
    ["--server-rate", { strategy: "fed-avg", serverRate: "11" }],
    ["--trim", { robust: "median", trim: "1" }],
    ["--epochs", { epochs: "2" }],
    ["--learning-rate", { strategy: "fed-adam", learningRate: "2" }],
  ])("is refused, and %s is named: %j", async (named, flags) => {
    const message = expect.stringMatching(new RegExp(`^${named} `)) as string;
    await expect(planOf({ ...usual, ...flags }, shape)).rejects.toMatchObject({ code: "bad-argument", message });
  });
});
