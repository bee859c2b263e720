import { readFile } from "node:fs/promises";
import { AegisError, type GroupSum, type LabelledRows, type Model, type Step } from "@aegis-pool/core";
import { type AnyProcedure, readPlan, splitCommand } from "@aegis-pool/sdk";
import { primitives } from "@aegis-pool/platform";
import {
  creditProcedure,
  type CreditResult,
  type CreditSettings,
  describeCredit,
  mostSums,
  noPromise,
  parseCredit,
  type PlanDescription,
  readCreditSettings,
} from "@aegis-pool/workload-credit";
import { networkProcedure, type NetworkPart, type NetworkSettings, readNetworkSettings } from "./network-plan.js";

/** A plan that this version knows. */
export type KnownPlan =
  | { readonly name: "credit"; readonly settings: CreditSettings }
  | { readonly name: "network"; readonly settings: NetworkSettings };

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

/** The plan in an invitation. @throws {AegisError} `bad-argument` */
export function openPlan(bytes: Uint8Array): KnownPlan {
  const plan = readPlan(bytes);
  if (plan?.name === "credit") return { name: "credit", settings: readCreditSettings(plan.settings) };
  if (plan?.name === "network") return { name: "network", settings: readNetworkSettings(plan.settings) };
  throw new AegisError({
    code: "bad-argument",
    message: `The plan "${plan?.name ?? ""}" is not known here.`,
    next: "Join it with the program that knows it; aegis knows the plans credit and network.",
  });
}

/**
 * What the run is about and what it promises, in words: shown before anything of it starts.
 * @param floor participants of the smallest sum that the run releases
 * @throws {AegisError} `budget-exceeded` where it does not keep what it promises
 */
export function describePlan(plan: KnownPlan, floor: number): PlanDescription {
  if (plan.name === "credit") return describeCredit(plan.settings, floor);
  const { widths, rounds } = plan.settings;
  return { what: `network ${widths.join("-")}, ${rounds} rounds`, privacy: noPromise };
}

/** Sums that a plan asks for at most. */
export function sumsOf({ name, settings }: KnownPlan): number {
  return name === "credit" ? mostSums(settings) : settings.rounds + 1;
}

/** The plan's procedure with a participant's own part; without one, for who observes. @throws {AegisError} `bad-argument` for data that do not fit */
export async function procedureOf(plan: KnownPlan, own?: OwnPart): Promise<AnyProcedure<PlanResult>> {
  if (plan.name === "network") return plainNetwork(plan.settings, own && (await networkPart(plan.settings, own)));
  if (own?.trainer !== undefined) {
    throw new AegisError({
      code: "bad-argument",
      message: `A run of the plan "credit" trains with the engine here, not with "${own.trainer}".`,
      next: "Leave --trainer out, or ask the owner for a run of the plan network.",
    });
  }
  if (!own) return creditProcedure(plan.settings, undefined, primitives);
  const text = await readFile(own.data, "utf8").catch(asNoData(own.data));
  const applicants = fitting(own.data, () => parseCredit(text, plan.settings.schema));
  return creditProcedure(plan.settings, applicants, primitives);
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
