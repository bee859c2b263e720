import {
  type GroupSum,
  inGroups,
  noiseMultiplierFor,
  renyiEpsilon,
  skellamCurve,
  spentEpsilon,
  type Step,
  type StepSum,
} from "@aegis-pool/core";
import {
  budgetAfter,
  describePlan,
  type KnownPlan,
  openPlan,
  type PlanResult,
  spentAfter,
  sumsOf,
  valuesOf,
  withinBudget,
} from "@aegis-pool/plans";
import { writePlan } from "@aegis-pool/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { withPrivacy } from "../src/federate/privacy-flags.js";
import {
  type OwnFiles,
  credit,
  network,
  ownFiles,
  ownProcedure,
  shape,
  together,
  unmaskedSum,
} from "./federate-fixture.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let files: OwnFiles;
beforeAll(async () => {
  folder = await temporaryDirectory();
  files = await ownFiles(folder.path, 15);
});
afterAll(() => folder.remove());

const flags = { epsilon: "3", delta: "1e-5", per: "participant", colluding: "2" } as const;
const perParticipant = (plan: KnownPlan, more = {}, run = shape) => withPrivacy(plan, { ...flags, ...more }, run);
const perRecord = (plan: KnownPlan) => withPrivacy(plan, { ...flags, per: "record", rows: "300" }, shape);
const tooLittle = expect.objectContaining({ code: "budget-exceeded" }) as Error;

/** The plan with a change in what it promises, and in the rest of its settings. */
function changed(plan: KnownPlan, change: object, rest: object = {}): KnownPlan {
  const settings = { ...plan.settings, ...rest, privacy: { ...plan.settings.privacy, ...change } };
  return { ...plan, settings } as KnownPlan;
}

/** All steps of a plan at its first participant, over what `sum` makes of them. */
async function drive(plan: KnownPlan, sum: StepSum, promise = plan): Promise<Step[]> {
  const steps: Step[] = [];
  const procedure = withinBudget<PlanResult>(await ownProcedure(plan, files, 0), promise, shape);
  let turn = await procedure.next();
  while (!turn.done) {
    steps.push(turn.value);
    turn = await procedure.next(sum(Array.from({ length: 5 }, () => present(steps.at(-1)))));
  }
  return steps;
}

const lost: StepSum = (): readonly GroupSum[] => [];

describe("a plan per participant", () => {
  it.each<[string, KnownPlan, object?]>([
    ["credit with a logistic regression", credit({})],
    ["credit with a network", credit({ model: "mlp", hidden: [4] })],
    [
      "credit by averaging",
      credit({ strategy: { name: "fed-prox", proximal: 0.1 }, local: { epochs: 2, learningRate: 0.1 } }),
    ],
    ["network", network({})],
    // with so large an epsilon, three are enough for the norm to follow updates
    ["network with a norm that adapts", network({}), { adaptClip: true, epsilon: "300" }],
  ])("%s gives all the same, and who observes too, over noised sums", async (_name, plain, more) => {
    const plan = perParticipant(plain, more);
    expect(openPlan(writePlan(plan))).toEqual(plan);
    const [results, lines] = await together(plan, files, { sum: unmaskedSum });
    for (const result of results) expect(result).toEqual(results[0]);
    expect(lines.length).toBeLessThanOrEqual(sumsOf(plan));
    for (const { bytes } of lines) expect(bytes / 4).toBeLessThanOrEqual(valuesOf(plan));
    // features are of public knowledge, losses and measurements are not sent: nothing but rounds is released
    expect(lines.map(({ name }) => name)).toEqual(lines.map((_, at) => `round ${at + 1}`));
    expect(lines.every(({ loss, auc }) => loss === undefined && auc === undefined)).toBe(true);
  });

  it("goes with a robust mean: the noise is in each group's sum", async () => {
    const three = { participants: 15, floor: 5, groups: 3 };
    const robust = { robust: { name: "median" }, mostParticipants: 15 } as const;
    const plan = perParticipant(credit(robust), {}, three);
    expect(describePlan(plan, three).what).toContain("median of 3 groups");
    const [results, lines] = await together(plan, files, { count: 15, sum: inGroups(5, unmaskedSum) });
    for (const result of results) expect(result).toEqual(results[0]);
    expect(lines.map(({ participants }) => participants)).toEqual(lines.map(() => 15));
  });

  it("has the noise in its sums that it promises: of as many as share it, the multiplier times the norm", async () => {
    const plan = perParticipant(network({ widths: [2, 600, 1], rounds: 1 }));
    const { noiseMultiplier, clipNorm } = present(plan.name === "network" ? plan.settings.privacy : undefined);
    const [step] = await drive(plan, lost);
    const { parts } = present(step);
    const silent = { ...present(step), parts: parts.map((part) => ({ ...part, values: part.values.map(() => 0) })) };
    const [sum] = unmaskedSum([silent, silent, silent]);
    const [values] = present(sum).parts;
    const deviation = Math.sqrt(
      present(values).reduce((all, value) => all + value * value, 0) / present(values).length,
    );
    // of 2,401 values: within 7%, five deviations of the estimate
    expect(deviation / (noiseMultiplier * clipNorm)).toBeGreaterThan(0.93);
    expect(deviation / (noiseMultiplier * clipNorm)).toBeLessThan(1.07);
  });

  it("spends what Skellam's accountant says of the smallest sum, and just below what it promises", async () => {
    const plan = perParticipant(network({}));
    const [step] = await drive(plan, lost);
    const [update] = present(step).parts;
    const { quantum, l2 = 0, noiseVariance = 0, values } = present(update);
    const norm = l2 / quantum;
    const rounded = Math.sqrt(norm ** 2 + values.length / 4 + norm + Math.sqrt(values.length) / 2);
    const variance = noiseVariance * (5 - 2);
    const curve = skellamCurve({ variance, l1: Math.sqrt(values.length) * rounded, l2: rounded }, 8);
    const spent = spentEpsilon(present(budgetAfter(plan, shape)));
    expect(spent).toBeCloseTo(renyiEpsilon(curve, 1e-5), 10);
    expect(spent).toBeGreaterThan(2.99);
    expect(spent).toBeLessThanOrEqual(3);
  });

  it("says what it promises, of whom, and against whom", () => {
    const { privacy } = describePlan(perParticipant(credit({})), shape);
    expect(privacy).toContain("epsilon 3 at delta 0.00001 per participant, for all its rows together");
    expect(privacy).toContain("unless more than 2 collude");
  });

  it("follows the median update where enough share the noise, and charges for it", () => {
    const large = { participants: 200, floor: 160, groups: 1 };
    const plan = perParticipant(network({ mostParticipants: 200 }), { adaptClip: true, colluding: "10" }, large);
    const budget = present(budgetAfter(plan, large));
    expect(budget.charges.map(({ name, times }) => [name, times])).toEqual([
      ["update", 8],
      ["within clip", 8],
    ]);
    expect(spentEpsilon(budget)).toBeGreaterThan(2.99);
    const few = () => perParticipant(network({}), { adaptClip: true });
    expect(few).toThrow(expect.objectContaining({ code: "bad-argument" }) as Error);
  });
});

describe("who joins a plan that promises privacy", () => {
  const kinds: [string, () => KnownPlan][] = [
    ["per record", () => perRecord(credit({}))],
    ["per participant", () => perParticipant(credit({}))],
    ["per participant, of the plan network", () => perParticipant(network({}))],
  ];

  it.each(kinds)("%s, refuses one whose noise is too little for it", (_name, made) => {
    const plan = made();
    const { noiseMultiplier } = present(plan.settings.privacy);
    expect(() => describePlan(changed(plan, { noiseMultiplier: 0.99 * noiseMultiplier }), shape)).toThrow(tooLittle);
    expect(() => describePlan(changed(plan, { epsilon: 2.9 }), shape)).toThrow(tooLittle);
    expect(() => describePlan(plan, shape)).not.toThrow();
  });

  it.each(kinds)("%s, refuses one whose noise is shared by more than the run's smallest sum has", (_name, made) => {
    expect(() => describePlan(changed(made(), { sharers: 6 }), shape)).toThrow(tooLittle);
  });

  it.each(kinds)("%s, sends no step that would pass the budget, lost rounds being charged too", async (_name, made) => {
    const plan = made();
    const { rounds } = plan.settings;
    expect(await drive(plan, lost)).toHaveLength(rounds);
    const longer = { ...plan, settings: { ...plan.settings, rounds: rounds + 1 } } as KnownPlan;
    const sent: Step[] = [];
    const sum: StepSum = (steps) => {
      sent.push(present(steps[0]));
      return [];
    };
    await expect(drive(longer, sum, plan)).rejects.toMatchObject({ code: "budget-exceeded" });
    expect(sent).toHaveLength(rounds);
  });

  it("per participant, sends nothing that is not noised", async () => {
    await expect(drive(credit({}), lost, perParticipant(credit({})))).rejects.toMatchObject({
      code: "budget-exceeded",
    });
  });

  it.each(kinds)("%s, is told after each round what is spent, and no more than is promised", (_name, made) => {
    const plan = made();
    const spent = spentAfter(plan, shape);
    const all = Array.from({ length: plan.settings.rounds }, (_, at) => present(spent(at + 1)));
    expect(all).toEqual(all.toSorted((one, other) => one - other));
    expect(new Set(all).size).toBe(all.length);
    expect(all.at(-1)).toBeGreaterThan(2.95);
    expect(all.at(-1)).toBeLessThanOrEqual(3);
  });

  it("is asked for noise that the accountant of records would ask for too", () => {
    const { noiseMultiplier } = present(perRecord(credit({})).settings.privacy);
    expect(noiseMultiplier).toBe(noiseMultiplierFor({ samplingRate: 1, steps: 12 }, { epsilon: 3, delta: 1e-5 }));
  });

  it("refuses sums that could overflow among the run's participants", () => {
    const plan = network({ mostParticipants: 1 });
    expect(() => describePlan(plan, { participants: 1_000, floor: 5, groups: 1 })).toThrow("overflow");
    expect(() => describePlan(plan, { participants: 1_000, floor: 5, groups: 200 })).not.toThrow();
  });

  const wide = { hidden: [4_096, 4_096, 4_096, 4_096, 4_096, 4_096] };
  it.each<[string, () => KnownPlan, string]>([
    ["too large for any sum", () => network({ widths: [65_536, 65_536, 1] }), "67108864 at most"],
    [
      "too large for any sum, of the plan credit",
      () => changed(perParticipant(credit({ model: "mlp", hidden: [4] })), {}, wide),
      "67108864 at most",
    ],
    [
      "noised less in its count than in all",
      () => changed(perParticipant(network({})), { countDeviation: 0.5 }),
      "countDeviation",
    ],
  ])("refuses one that cannot be trained: %s", (_what, made, why) => {
    const message = expect.stringContaining(why) as string;
    const refused = expect.objectContaining({ code: "bad-argument", message }) as Error;
    expect(() => describePlan(made(), shape)).toThrow(refused);
  });

  it("is promised nothing by a plan without", () => {
    expect(budgetAfter(credit({}), shape)).toBeUndefined();
    expect(describePlan(credit({}), shape).privacy).toContain("no differential privacy");
  });
});
