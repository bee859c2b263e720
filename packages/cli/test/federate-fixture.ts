import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeStep,
  encodeStep,
  lengthOf,
  plainSum,
  RandomWords,
  SkellamNoise,
  type Step,
  type StepSum,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CreditSettings, KnownPlan, NetworkSettings, PlanResult } from "@aegis-pool/plans";
import type { AnyProcedure } from "@aegis-pool/sdk";
import { expect } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { procedureOf } from "../src/federate/plans.js";
import { type RoundLine, withLines } from "../src/federate/rounds-table.js";

/** How many take part unless a test says otherwise. */
export const participants = 5;
export const shape = { participants, floor: 5, groups: 1 };

export const schema = {
  name: "small",
  columns: [
    { name: "income", kind: "money", low: 0, high: 1_000 },
    { name: "purpose", kind: "category", names: ["car", "boat"] },
  ],
  label: { column: "default", bad: "1", good: "0" },
} as CreditSettings["schema"];

/** A plan "credit" over 60 rows of each. */
export const credit = (change: Partial<CreditSettings>): KnownPlan => ({
  name: "credit",
  settings: {
    ...{ schema, model: "lr", rounds: 12, hidden: [], mostParticipants: participants, mostRows: 60, seed: 3 },
    salt: new Uint8Array(16).fill(7),
    ...change,
  },
});

/** A plan "network" over 40 rows of each. */
export const network = (change: Partial<NetworkSettings>): KnownPlan => ({
  name: "network",
  settings: {
    ...{ widths: [2, 4, 1], activation: "relu", rounds: 8, epochs: 2, batchRows: 8, learningRate: 0.2 },
    ...{ mostParticipants: participants, mostRows: 40, seed: 3 },
    ...change,
  },
});

/** Where the files of participants are. */
export interface OwnFiles {
  readonly credit: (place: number) => string;
  readonly network: (place: number) => string;
}

/** Writes the files of so many participants. */
export async function ownFiles(folder: string, count = participants): Promise<OwnFiles> {
  const files = {
    credit: (place: number) => join(folder, `credit-${place}.csv`),
    network: (place: number) => join(folder, `numbers-${place}.csv`),
  };
  for (let place = 0; place < count; place++) {
    await writeFile(files.credit(place), creditRows(place));
    await writeFile(files.network(place), numberRows(place));
  }
  return files;
}

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

/** How a plan is run in one process. */
export interface Together {
  readonly count?: number;
  readonly sum?: StepSum;
  readonly trainerOf?: (place: number) => string | undefined;
}

const signal = new AbortController().signal;

/** The plan's procedure at one participant. */
export function ownProcedure(plan: KnownPlan, files: OwnFiles, place: number, trainer?: string) {
  return procedureOf(plan, { data: files[plan.name](place), trainer, signal });
}

/** Runs the plan's procedure for all participants, and for one who observes. */
export async function together(
  plan: KnownPlan,
  files: OwnFiles,
  { count = participants, sum = plainSum, trainerOf = () => undefined }: Together = {},
): Promise<[PlanResult[], RoundLine[]]> {
  const lines: RoundLine[] = [];
  const own = Array.from({ length: count }, (_, place) => ownProcedure(plan, files, place, trainerOf(place)));
  const all: AnyProcedure<PlanResult>[] = [
    ...(await Promise.all(own)),
    withLines(await procedureOf(plan), (line) => lines.push(line)),
  ];
  let turns = await Promise.all(all.map(async (each) => each.next()));
  while (!present(turns[0]).done) {
    const steps = turns.map(({ value }) => value as Step);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(1);
    const sums = sum(steps.slice(0, count));
    turns = await Promise.all(all.map(async (each) => each.next(sums)));
  }
  return [turns.map(({ value }) => value as PlanResult), lines];
}

const { random, arithmetic } = primitives;
const noise = new SkellamNoise(new RandomWords((length) => primitives.randomBytes(length)));
const addNoise = (into: Int32Array, variance: number) => noise.addTo(into, variance);

/** Adds what participants would upload, rounded and noised as it is, but for its masks. */
export const unmaskedSum: StepSum = (steps) => {
  const [first] = steps;
  const total = new Int32Array(lengthOf(present(first)));
  for (const step of steps) {
    const integers = encodeStep(step, { random, arithmetic, addNoise });
    for (let at = 0; at < total.length; at++) total[at] = present(total[at]) + present(integers[at]);
  }
  return [{ participants: steps.length, parts: decodeStep(present(first), total) }];
};
