import type { RobustSettings, StrategySettings } from "@aegis-pool/plans";
import { parseWhole } from "../commands/shared-options.js";
import { numberIn, onlyWhere } from "./flags.js";

/** How rounds move the model, as flags say it. */
export interface StrategyFlags {
  readonly strategy?: StrategySettings["name"];
  readonly serverRate?: string;
  readonly proximal?: string;
  readonly robust?: "median" | "trimmed";
  readonly trim?: string;
}

/** FedProx's mu unless it is given: what FedProx itself takes. */
const usualProximal = 0.01;

/** @param adamRate FedAdam's rate unless it is given @returns nothing for the plan's own strategy @throws {AegisError} `bad-argument` */
export function strategyIn(flags: StrategyFlags, adamRate: number): { strategy?: StrategySettings } {
  const { strategy: name, serverRate, proximal } = flags;
  if (name !== "fed-prox") onlyWhere("with --strategy fed-prox", { "--proximal": proximal });
  if (name === undefined) onlyWhere("with --strategy", { "--server-rate": serverRate });
  if (name === undefined) return {};
  const rate = serverRate === undefined ? undefined : numberIn("--server-rate", serverRate, 10);
  if (name === "fed-adam") return { strategy: { name, serverRate: rate ?? adamRate } };
  const averaging = rate === undefined ? {} : { serverRate: rate };
  if (name === "fed-avg") return { strategy: { name, ...averaging } };
  const mu = proximal === undefined ? usualProximal : numberIn("--proximal", proximal, 1_000);
  return { strategy: { name, proximal: mu, ...averaging } };
}

/** @returns nothing for the plain mean @throws {AegisError} `bad-argument` */
export function robustIn({ robust, trim }: StrategyFlags): { robust?: RobustSettings } {
  if (robust !== "trimmed") onlyWhere("with --robust trimmed", { "--trim": trim });
  if (robust === undefined) return {};
  if (robust === "median") return { robust: { name: "median" } };
  return { robust: { name: "trimmed-mean", trim: parseWhole("--trim", trim ?? "1", 1, 99) } };
}
