import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { primitives } from "@aegis-pool/platform";
import {
  adamRate,
  type CreditSettings,
  type KnownPlan,
  type NetworkSettings,
  readSchema,
  type RunShape,
} from "@aegis-pool/plans";
import { type CreditSchema, german, syntheticSchema, taiwan } from "@aegis-pool/workload-credit";
import { parseWhole } from "../commands/shared-options.js";
import { numberIn, onlyWhere, unusable, widthsIn } from "./flags.js";
import { type PrivacyFlags, withPrivacy } from "./privacy-flags.js";
import { robustIn, type StrategyFlags, strategyIn } from "./strategy-flags.js";

/** What participants do together, as flags say it. */
export interface PlanFlags extends PrivacyFlags, StrategyFlags {
  readonly plan: "credit" | "network";
  readonly model: "lr" | "mlp" | "trees";
  readonly schema: string;
  readonly rounds: string;
  readonly hidden: string;
  readonly widths?: string;
  readonly epochs?: string;
  readonly learningRate?: string;
  readonly mostRows: string;
  readonly measureEvery?: string;
}

/** Passes over the rows and rate of descent, unless they are given. */
const usual = { epochs: "1", learningRate: "0.1" };

/** The plan that the flags ask for, with the noise that keeps what it promises. @throws {AegisError} `bad-argument` */
export async function planOf(flags: PlanFlags, shape: RunShape): Promise<KnownPlan> {
  const plan: KnownPlan =
    flags.plan === "network"
      ? { name: "network", settings: networkOf(flags, shape) }
      : { name: "credit", settings: await creditOf(flags, shape) };
  return withPrivacy(plan, flags, shape);
}

function commonOf(flags: PlanFlags, { participants }: RunShape, mostRounds: number) {
  const rounds = parseWhole("--rounds", flags.rounds, 1, mostRounds);
  const mostRows = parseWhole("--most-rows", flags.mostRows, 1, 2 ** 31);
  return { rounds, mostRows, mostParticipants: participants, seed: randomInt(2 ** 32), ...robustIn(flags) };
}

function networkOf(flags: PlanFlags, shape: RunShape): NetworkSettings {
  onlyWhere("with --plan credit", { "--measure-every": flags.measureEvery });
  return {
    ...commonOf(flags, shape, 10_000),
    ...strategyIn(flags, 0.01),
    ...localOf(flags),
    widths: widthsIn("--widths", flags.widths ?? ""),
    activation: "relu",
    batchRows: 32,
  };
}

function localOf({ epochs = usual.epochs, learningRate = usual.learningRate }: PlanFlags) {
  return {
    epochs: parseWhole("--epochs", epochs, 1, 10_000),
    learningRate: numberIn("--learning-rate", learningRate, 1_000),
  };
}

async function creditOf(flags: PlanFlags, shape: RunShape): Promise<CreditSettings> {
  const { model, measureEvery } = flags;
  const averages = flags.strategy === "fed-avg" || flags.strategy === "fed-prox";
  if (!averages) {
    const { epochs, learningRate } = flags;
    onlyWhere("with --plan network or --strategy fed-avg or fed-prox", {
      "--epochs": epochs,
      "--learning-rate": learningRate,
    });
  }
  if (model === "trees") {
    const { strategy, robust } = flags;
    onlyWhere("with --model lr or mlp", {
      ...{ "--strategy": strategy, "--robust": robust },
      "--measure-every": measureEvery,
    });
  }
  return {
    ...commonOf(flags, shape, 5_000),
    ...strategyIn(flags, adamRate({ model })),
    ...(averages && { local: localOf(flags) }),
    ...(measureEvery !== undefined && { measureEvery: parseWhole("--measure-every", measureEvery, 1, 5_000) }),
    schema: plainSchema(await schemaOf(flags.schema)),
    model,
    hidden: model === "mlp" ? widthsIn("--hidden", flags.hidden) : [],
    salt: primitives.randomBytes(16),
  };
}

/** With lists that are no one else's. */
function plainSchema({ columns, ...schema }: CreditSchema): CreditSettings["schema"] {
  return {
    ...schema,
    columns: columns.map((column) => ("names" in column ? { ...column, names: [...column.names] } : column)),
  };
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
