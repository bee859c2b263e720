import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AegisError, formatAis, largeCommittee, smallCommittee, toHex } from "@aegis-pool/core";
import { describePlan, sumsOf, valuesOf } from "@aegis-pool/plans";
import {
  cancelRun,
  type CreatedRun,
  createRun,
  openAccountKey,
  openOwnedRun,
  PoolClient,
  saveInvitation,
  saveOwnedRun,
  startRun,
} from "@aegis-pool/sdk";
import { parseAmount, parseWhole, type PoolFlags } from "../commands/shared-options.js";
import { parseDuration } from "../durations.js";
import { createOutput } from "../terminal/output.js";
import { type PlanFlags, planOf } from "./create-plan.js";

interface CreateFlags extends PoolFlags, PlanFlags {
  readonly participants: string;
  readonly floor: string;
  readonly groups: string;
  readonly committee: "4" | "7";
  readonly uploadTime: string;
  readonly maxPrice?: string;
  readonly budget?: string;
  readonly out: string;
  readonly json?: boolean;
}

export async function create(flags: CreateFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const shape = {
    participants: parseWhole("--participants", flags.participants, 5, 1_000),
    floor: parseWhole("--floor", flags.floor, 5, 1_000),
    groups: parseWhole("--groups", flags.groups, 1, 200),
  };
  const plan = await planOf(flags, shape);
  const { what, privacy } = describePlan(plan, shape);
  output.note(`${what}: ${privacy}.`);
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const written: string[] = [];
  const terms = {
    ...shape,
    plan,
    committee: flags.committee === "7" ? largeCommittee : smallCommittee,
    rounds: sumsOf(plan),
    values: valuesOf(plan),
    uploadMs: parseDuration(flags.uploadTime),
    maxPrice: flags.maxPrice === undefined ? undefined : parseAmount(flags.maxPrice),
    budget: flags.budget === undefined ? undefined : parseAmount(flags.budget),
    account: await openAccountKey(),
    keep: (made: CreatedRun) => writeFiles(flags.out, made, written),
  };
  const created = await orWithoutFiles(written, () => createRun(client, terms));
  const run = toHex(created.owned.run);
  output.result(
    { run, folder: flags.out, participants: shape.participants, reserved: created.reserved, privacy },
    `Run ${run.slice(0, 12)}: ${shape.participants} invitations are in ${flags.out}, and run.json, which is yours. ${formatAis(created.reserved)} are set aside.`,
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

/** What `make` makes. Without its run a file is of no use, and in the way of the next try; where nobody knows whether there is one, they stay. */
async function orWithoutFiles<T>(written: readonly string[], make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const isKnown = error instanceof AegisError && error.code !== "pool-unreachable";
    if (isKnown) await Promise.all(written.map((path) => rm(path, { force: true })));
    throw error;
  }
}

/** Ends a run. */
export async function cancel(path: string, flags: { readonly json?: boolean }): Promise<void> {
  const owned = await openOwnedRun(path);
  await cancelRun(await PoolClient.connect(owned.pool.url, toHex(owned.pool.key)), owned);
  const run = toHex(owned.run);
  const text = `Run ${run.slice(0, 12)} is ended; what was set aside goes back, less what its members have done.`;
  createOutput(flags.json === true).result({ run, cancelled: true }, text);
}
