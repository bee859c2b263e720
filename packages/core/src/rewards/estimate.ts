import { chargeFor } from "../market/charge.js";
import { availabilityRewards } from "./availability.js";
import { issuableBy } from "./emission.js";
import type { RewardParameters } from "./parameters.js";

/** The part of the time that it lends in which an agent runs tasks: a slow, a likely and a busy month by DESIGN section 8. */
export const estimatedUtilisations = { low: 0.48, likely: 0.68, high: 0.88 } as const;

/** What an owner lends. */
export interface Lent {
  /** µSCU of the whole device, above 0. */
  readonly speed: number;
  /** Percent of the device, 1 to 100. */
  readonly sharePercent: number;
  /** The part of the time in which it is lent, 0 to 1. */
  readonly timePart: number;
  /** What its work is paid, gross, in nAIS per SCU-second. */
  readonly price: bigint;
  /** W of the whole device at full load; undefined: not known. */
  readonly watts: number | undefined;
}

/** What a month may bring; a calculation, no promise. */
export interface EstimatedMonth {
  /** nAIS for being available, and for work net of the fee. */
  readonly availability: bigint;
  readonly work: bigint;
  /** For the part of the device that is lent, while it runs tasks; undefined where its watts are not known. */
  readonly kWh: number | undefined;
}

/**
 * A month in which what is lent runs tasks for `utilisation` (0 to 1) of its time, none of them complex. Its availability counts in full: its floor is no higher than the
 * reference price, it takes what it is offered, and the pool is small and young enough that the emission lasts for all.
 */
export function estimateMonth(
  { speed, sharePercent, timePart, price, watts }: Lent,
  utilisation: number,
  rules: RewardParameters,
): EstimatedMonth {
  const lentSpeed = Math.max(1, Math.floor((speed * sharePercent) / 100));
  const lentMs = timePart * rules.monthHours * 3_600_000;
  const runningMs = utilisation * lentMs;
  const budget = issuableBy(rules.monthHours * 3_600_000, rules);
  const available = Math.floor((lentSpeed * lentMs) / 1_000);
  const [availability = 0n] = availabilityRewards([available], { budget, connected: BigInt(available) }, rules);
  const { reward } = chargeFor({ leaseMs: runningMs, speed: lentSpeed, maxWork: Number.MAX_SAFE_INTEGER, price });
  const kWh = watts === undefined ? undefined : (watts * sharePercent * runningMs) / 100 / 3_600_000 / 1_000;
  return { availability, work: reward, kWh };
}
