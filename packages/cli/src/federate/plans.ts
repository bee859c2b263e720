import { readFile } from "node:fs/promises";
import {
  AegisError,
  checkGroups,
  type GroupSum,
  type LabelledRows,
  type Model,
  type RobustTerms,
  type Step,
} from "@aegis-pool/core";
import { type AnyProcedure, splitCommand } from "@aegis-pool/sdk";
import { parseCredit } from "@aegis-pool/workload-credit";
import { type CreditResult, creditProcedure } from "./credit-plan.js";
import type { KnownPlan } from "./known-plan.js";
import { networkProcedure, type NetworkPart, type NetworkSettings } from "./network-plan.js";
import { promiseOf, type RunShape } from "./promise.js";

/** What comes out of a plan. */
export type PlanResult =
  | CreditResult
  | { readonly kind: "plain-network"; readonly model: Model; readonly loss: number | undefined };

/** A participant's own part, as its flags say it. */
export interface OwnPart {
  readonly data: string;
  readonly trainer: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * What the run is about and what it promises, in words: shown before anything of it starts.
 * @throws {AegisError} `budget-exceeded` where it does not keep what it promises, `bad-argument` where the run is not made for it
 */
export function describePlan(plan: KnownPlan, shape: RunShape): { readonly what: string; readonly privacy: string } {
  const { strategy, robust } = plan.settings;
  if (robust) requireGroups(robust, shape);
  const extras = [strategy?.name, robust && `the ${robust.name} of ${shape.groups} groups`];
  const what = [nameOf(plan), ...extras.filter((extra) => extra !== undefined)].join(", ");
  return { what, privacy: promiseOf(plan, shape) };
}

function nameOf({ name, settings }: KnownPlan): string {
  const { rounds } = settings;
  if (name === "network") return `network ${settings.widths.join("-")}, ${rounds} rounds`;
  const { schema, model } = settings;
  return `${schema.name}, model ${model}, ${rounds} ${model === "trees" ? "trees" : "rounds"}`;
}

/** A robust mean of too few groups would end the run in its first round. */
function requireGroups(robust: RobustTerms, { participants, groups }: RunShape): void {
  try {
    const sizes = Array.from({ length: groups }, () => Math.floor(participants / groups));
    checkGroups(sizes, robust);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AegisError({
      code: "bad-argument",
      message: error.message,
      next: "Give --groups 3 and --participants 15 or more with --robust median; some more of both where participants may drop out.",
      cause: error,
    });
  }
}

/**
 * The plan's procedure with a participant's own part; without one, for who observes.
 * @throws {AegisError} `bad-argument` for data that do not fit; from the procedure `federated-failed` where training cannot go on
 */
export async function procedureOf(plan: KnownPlan, own?: OwnPart): Promise<AnyProcedure<PlanResult>> {
  return sayingWhy(await openProcedure(plan, own));
}

/** What ends a training, such as one that diverges or groups that are lost, is nobody's bug. */
async function* sayingWhy<Result>(procedure: AnyProcedure<Result>): AsyncGenerator<Step, Result, readonly GroupSum[]> {
  try {
    return yield* procedure;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AegisError({
      code: "federated-failed",
      message: `The run cannot go on: ${error.message}`,
      next: "Tell the run's owner, who can start another with other terms.",
      cause: error,
    });
  }
}

async function openProcedure(plan: KnownPlan, own: OwnPart | undefined): Promise<AnyProcedure<PlanResult>> {
  if (plan.name === "network") return plainNetwork(plan.settings, own && (await networkPart(plan.settings, own)));
  if (own?.trainer !== undefined) {
    throw new AegisError({
      code: "bad-argument",
      message: `A run of the plan "credit" trains with the engine here, not with "${own.trainer}".`,
      next: "Leave --trainer out, or ask the owner for a run of the plan network.",
    });
  }
  if (!own) return creditProcedure(plan.settings);
  const text = await readFile(own.data, "utf8").catch(asNoData(own.data));
  return creditProcedure(
    plan.settings,
    fitting(own.data, () => parseCredit(text, plan.settings.schema)),
  );
}

async function* plainNetwork(
  settings: NetworkSettings,
  part: NetworkPart,
): AsyncGenerator<Step, PlanResult, readonly GroupSum[]> {
  const { model, loss } = yield* networkProcedure(settings, part);
  return { kind: "plain-network", model, loss };
}

async function networkPart(settings: NetworkSettings, own: OwnPart): Promise<NetworkPart> {
  if (own.trainer !== undefined) {
    return { trainer: { command: splitCommand(own.trainer), dataPath: own.data }, signal: own.signal };
  }
  const text = await readFile(own.data, "utf8").catch(asNoData(own.data));
  return { rows: fitting(own.data, () => parseRows(text, settings.widths[0] ?? 0)) };
}

/** Rows of numbers under a line of names, the label last. @throws {TypeError} that names the line */
function parseRows(text: string, columns: number): LabelledRows {
  const lines = text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .slice(1);
  const values = new Float32Array(lines.length * columns);
  const labels = new Float32Array(lines.length);
  for (const [row, line] of lines.entries()) {
    const fields = line.split(",").map((field) => (field.trim() === "" ? Number.NaN : Number(field)));
    const label = fields.at(-1);
    if (fields.length !== columns + 1 || !fields.every(Number.isFinite) || (label !== 0 && label !== 1)) {
      throw new TypeError(`line ${row + 2}: it must be ${columns} numbers and a label of 0 or 1`);
    }
    values.set(fields.slice(0, -1), row * columns);
    labels[row] = label;
  }
  return { values, labels, columns };
}

function fitting<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new AegisError({
      code: "bad-argument",
      message: `${path} does not fit the run's plan: ${error.message}.`,
      next: "Cure the file; nothing of it was sent.",
      cause: error,
    });
  }
}

function asNoData(path: string) {
  return (cause: unknown): never => {
    throw new AegisError({
      code: "bad-argument",
      message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: "Give --data FILE, comma-separated values under a line of names.",
      cause,
    });
  };
}
