import { randomInt } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AegisError, formatAis, largeCommittee, smallCommittee, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import {
  type CreatedRun,
  createRun,
  openAccountKey,
  openOwnedRun,
  PoolClient,
  saveInvitation,
  saveOwnedRun,
  startRun,
} from "@aegis-pool/sdk";
import {
  type CreditSchema,
  type CreditSettings,
  german,
  noiseFor,
  readSchema,
  syntheticSchema,
  taiwan,
} from "@aegis-pool/workload-credit";
import { parseAmount, parseWhole, type PoolFlags } from "../commands/shared-options.js";
import { parseDuration } from "../durations.js";
import { createOutput } from "../terminal/output.js";
import { valuesOfNetwork } from "./network-plan.js";
import { describePlan, type KnownPlan, sumsOf } from "./plans.js";

interface CreateFlags extends PoolFlags {
  readonly participants: string;
  readonly plan: "credit" | "network";
  readonly model: "lr" | "mlp" | "trees";
  readonly schema: string;
  readonly rounds: string;
  readonly hidden: string;
  readonly widths?: string;
  readonly epochs: string;
  readonly learningRate: string;
  readonly mostRows: string;
  readonly epsilon?: string;
  readonly delta: string;
  readonly rows?: string;
  readonly colluding: string;
  readonly floor: string;
  readonly groups: string;
  readonly committee: "4" | "7";
  readonly uploadTime: string;
  readonly maxPrice?: string;
  readonly budget?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** Values of one sum at most in a plan "credit": histograms of all columns at once. */
const creditValues = 2 ** 19;

export async function create(flags: CreateFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const participants = parseWhole("--participants", flags.participants, 5, 1_000);
  const plan = await planOf(flags, participants);
  const floor = parseWhole("--floor", flags.floor, 5, 1_000);
  const { what, privacy } = describePlan(plan, floor);
  output.note(`${what}: ${privacy}.`);
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const written: string[] = [];
  const created = await createRun(client, {
    participants,
    plan,
    committee: flags.committee === "7" ? largeCommittee : smallCommittee,
    floor,
    groups: parseWhole("--groups", flags.groups, 1, 200),
    rounds: sumsOf(plan),
    values: plan.name === "network" ? valuesOfNetwork(plan.settings) : creditValues,
    uploadMs: parseDuration(flags.uploadTime),
    maxPrice: flags.maxPrice === undefined ? undefined : parseAmount(flags.maxPrice),
    budget: flags.budget === undefined ? undefined : parseAmount(flags.budget),
    account: await openAccountKey(),
    keep: (made) => writeFiles(flags.out, made, written),
  }).catch(withoutFiles(written));
  const run = toHex(created.owned.run);
  output.result(
    { run, folder: flags.out, participants, reserved: created.reserved, privacy },
    `Run ${run.slice(0, 12)}: ${participants} invitations are in ${flags.out}, and run.json, which is yours. ${formatAis(created.reserved)} are set aside.`,
  );
}

/** Begins with those who have come. */
export async function start(path: string, flags: { readonly json?: boolean }): Promise<void> {
  const owned = await openOwnedRun(path);
  const client = await PoolClient.connect(owned.pool.url, toHex(owned.pool.key));
  await startRun(client, owned);
  const run = toHex(owned.run);
  createOutput(flags.json === true).result({ run, started: true }, `Run ${run.slice(0, 12)} draws its committee.`);
}

/** Writes a run's files, and notes in `written` what is there. */
async function writeFiles(folder: string, { owned, invitations }: CreatedRun, written: string[]): Promise<void> {
  const run = join(folder, "run.json");
  await saveOwnedRun(run, owned);
  written.push(run);
  const digits = Math.max(2, String(invitations.length).length);
  for (const [at, invitation] of invitations.entries()) {
    const path = join(folder, `invitation-${String(at + 1).padStart(digits, "0")}.json`);
    await saveInvitation(path, invitation);
    written.push(path);
  }
}

/** Without its run a file is of no use, and in the way of the next try; where nobody knows whether there is one, they stay. */
function withoutFiles(written: readonly string[]) {
  return async (error: unknown): Promise<never> => {
    const isKnown = error instanceof AegisError && error.code !== "pool-unreachable";
    if (isKnown) await Promise.all(written.map((path) => rm(path, { force: true })));
    throw error;
  };
}

async function planOf(flags: CreateFlags, participants: number): Promise<KnownPlan> {
  const rounds = parseWhole("--rounds", flags.rounds, 1, flags.plan === "credit" ? 5_000 : 10_000);
  const mostRows = parseWhole("--most-rows", flags.mostRows, 1, 2 ** 31);
  const common = { rounds, mostRows, mostParticipants: participants, seed: randomInt(2 ** 32) };
  if (flags.plan === "network") {
    const widths = widthsIn("--widths", flags.widths ?? "");
    const learningRate = numberIn("--learning-rate", flags.learningRate);
    const epochs = parseWhole("--epochs", flags.epochs, 1, 10_000);
    return {
      name: "network",
      settings: { ...common, widths, activation: "relu", epochs, batchRows: 32, learningRate },
    };
  }
  const { columns, ...schema } = await schemaOf(flags.schema);
  const settings: CreditSettings = {
    ...common,
    schema: {
      ...schema,
      columns: columns.map((column) => ("names" in column ? { ...column, names: [...column.names] } : column)),
    },
    model: flags.model,
    hidden: flags.model === "mlp" ? widthsIn("--hidden", flags.hidden) : [],
    salt: primitives.randomBytes(16),
  };
  return { name: "credit", settings: { ...settings, ...privacyOf(flags, settings) } };
}

function privacyOf(flags: CreateFlags, { rounds, model }: CreditSettings): Pick<CreditSettings, "privacy"> {
  if (flags.epsilon === undefined) return {};
  if (model !== "lr") throw unusable("--epsilon", flags.epsilon, "for the model lr alone");
  if (flags.rows === undefined) throw unusable("--rows", "missing", "given with --epsilon, such as --rows 20000");
  const target = { epsilon: numberIn("--epsilon", flags.epsilon), delta: numberIn("--delta", flags.delta) };
  const floor = parseWhole("--floor", flags.floor, 5, 1_000);
  const sharers = floor - parseWhole("--colluding", flags.colluding, 0, floor - 1);
  const rows = parseWhole("--rows", flags.rows, 1, Number.MAX_SAFE_INTEGER);
  return { privacy: { ...target, noiseMultiplier: noiseFor(rounds, target), sharers, rows } };
}

async function schemaOf(name: string): Promise<CreditSchema> {
  if (name === "german") return german;
  if (name === "taiwan") return taiwan;
  if (name === "synthetic") return syntheticSchema;
  const text = await readFile(name, "utf8").catch(() => {
    throw unusable("--schema", name, "german, taiwan, synthetic, or a JSON file");
  });
  return readSchema(text, name);
}

function widthsIn(name: string, text: string): number[] {
  const widths = text.split(",").map((width) => Number(width.trim()));
  if (widths.every((width) => Number.isInteger(width) && width >= 1 && width <= 65_536)) return widths;
  throw unusable(name, text, "whole numbers from 1 to 65,536 with commas between them");
}

function numberIn(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw unusable(name, text, "a number above 0");
}

function unusable(name: string, value: string, allowed: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${name} is ${value}; it must be ${allowed}.`,
    next: `Give another ${name}.`,
  });
}
