export { adamRate, creditProcedure, type CreditResult, mostSums } from "./credit-plan.js";
export { type CreditSettings, readSchema } from "./credit-settings.js";
export { describePlan, type PlanDescription } from "./describe-plan.js";
export { type KnownPlan, openPlan, sumsOf, trainingOf, valuesOf } from "./known-plan.js";
export type { NetworkSettings } from "./network-plan.js";
export { type OwnPart, planProcedure, type PlanResult } from "./plan-procedure.js";
export { describeResult, type NamedFile, resultFiles } from "./plan-result.js";
export { budgetAfter, type RunShape, spentAfter, withinBudget } from "./promise.js";
export type { ParticipantPromise, RecordPromise, RobustSettings, StrategySettings } from "./training-settings.js";
