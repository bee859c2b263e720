import { AegisError, type Model, type TrainingTerms } from "@aegis-pool/core";
import { readPlan } from "@aegis-pool/sdk";
import { mostSums, mostValues, publicTraining } from "./credit-plan.js";
import { type CreditSettings, readCreditSettings } from "./credit-settings.js";
import { networkTraining, type NetworkSettings, readNetworkSettings, valuesOfNetwork } from "./network-plan.js";

/** A plan that this version knows. */
export type KnownPlan =
  | { readonly name: "credit"; readonly settings: CreditSettings }
  | { readonly name: "network"; readonly settings: NetworkSettings };

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

/** Sums that a plan asks for at most. */
export function sumsOf({ name, settings }: KnownPlan): number {
  return name === "credit" ? mostSums(settings) : settings.rounds + 1;
}

/** Values of one sum of a plan at most. */
export function valuesOf({ name, settings }: KnownPlan): number {
  return name === "credit" ? mostValues(settings) : valuesOfNetwork(settings);
}

/** How a plan trains whose model is known before any sum; undefined where features or trees are found first. */
export function trainingOf({ name, settings }: KnownPlan): { start: Model; terms: TrainingTerms } | undefined {
  return name === "credit" ? publicTraining(settings) : networkTraining(settings);
}
