import { workOf } from "../units/scu.js";

/** The pool's part of a charge, in percent. */
export const feePercent = 10n;

/** Default prices in nAIS per SCU-second. 0.010 AIS per SCU-hour net of the fee is 3,087 gross. */
export const defaultPrices = { floor: 3_087n, top: 4_000n } as const;

/** What a run costs and who gets it, in nAIS; charge = reward + fee. */
export interface Charge {
  /** µSCU-seconds that are paid. */
  readonly work: number;
  readonly charge: bigint;
  readonly reward: bigint;
  readonly fee: bigint;
}

/**
 * The charge for a run of `leaseMs` by the pool's clock at `speed` µSCU: work x price, rounded up to a nAIS. Work never
 * exceeds the requester's declared cap, so a slow or lying agent gains nothing by dawdling past it.
 */
export function chargeFor(run: { leaseMs: number; speed: number; maxWork: number; price: bigint }): Charge {
  const leaseMs = Math.max(0, run.leaseMs); // a clock that was set back must not charge the agent
  return chargeOf(Math.min(run.maxWork, workOf(run.speed, leaseMs)), run.price);
}

/** The charge for `work` µSCU-seconds at `price` nAIS per SCU-second. */
export function chargeOf(work: number, price: bigint): Charge {
  const charge = costOf(work, price);
  const fee = (charge * feePercent) / 100n;
  return { work, charge, fee, reward: charge - fee };
}

/** nAIS for `work` µSCU-seconds at `price` nAIS per SCU-second, rounded up. */
export function costOf(work: number, price: bigint): bigint {
  return (BigInt(work) * price + 999_999n) / 1_000_000n;
}
