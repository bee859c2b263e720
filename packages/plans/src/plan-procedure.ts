import {
  AegisError,
  type GroupSum,
  type LabelledRows,
  type Model,
  type OutsideTrainer,
  type Step,
  type TrainingTerms,
} from "@aegis-pool/core";
import type { AnyProcedure } from "@aegis-pool/sdk";
import { parseCredit } from "@aegis-pool/workload-credit";
import { creditProcedure, type CreditResult } from "./credit-plan.js";
import type { KnownPlan } from "./known-plan.js";
import { networkProcedure, type NetworkPart, type NetworkSettings } from "./network-plan.js";

/** What comes out of a plan. */
export type PlanResult =
  | CreditResult
  | { readonly kind: "plain-network"; readonly model: Model; readonly loss: number | undefined };

/** A participant's own part: a file's text under its name, or a trainer of its own, for plans that can be trained by one. */
export type OwnPart =
  | { readonly name: string; readonly text: string }
  | { readonly trainer: string; readonly outside: (terms: TrainingTerms) => OutsideTrainer };

/**
 * The plan's procedure with a participant's own part; without one, for who observes.
 * @throws {AegisError} `bad-argument` for data that do not fit; from the procedure `federated-failed` where training cannot go on
 */
export function planProcedure(plan: KnownPlan, own?: OwnPart): AnyProcedure<PlanResult> {
  return sayingWhy(openProcedure(plan, own));
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

function openProcedure(plan: KnownPlan, own: OwnPart | undefined): AnyProcedure<PlanResult> {
  if (plan.name === "network") return plainNetwork(plan.settings, own && networkPart(plan.settings, own));
  if (!own) return creditProcedure(plan.settings);
  if ("text" in own)
    return creditProcedure(
      plan.settings,
      fitting(own.name, () => parseCredit(own.text, plan.settings.schema)),
    );
  throw new AegisError({
    code: "bad-argument",
    message: `A run of the plan "credit" trains with the engine here, not with "${own.trainer}".`,
    next: "Leave --trainer out, or ask the owner for a run of the plan network.",
  });
}

async function* plainNetwork(
  settings: NetworkSettings,
  part: NetworkPart,
): AsyncGenerator<Step, PlanResult, readonly GroupSum[]> {
  const { model, loss } = yield* networkProcedure(settings, part);
  return { kind: "plain-network", model, loss };
}

function networkPart(settings: NetworkSettings, own: OwnPart): NetworkPart {
  if (!("text" in own)) return own;
  return { rows: fitting(own.name, () => parseRows(own.text, settings.widths[0] ?? 0)) };
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
