import type { Requirements } from "../protocol/requirements.js";
import { costOf } from "./charge.js";

/** Work of a task that makes it complex, in µSCU-seconds: one SCU for an hour. */
export const longWork = 3_600_000_000;

/** For this time, in ms, a new complex task is for agents of bonded operators alone. */
export const firstRefusalMs = 2_000;

/**
 * Whether a task is of the class `complex`: one of a gang, or long. It follows from what the task requires and from the work that it may be paid
 * for, which is set aside before it is queued, and from nothing that anybody says about it.
 */
export function isComplex({ gang }: Pick<Requirements, "gang">, maxWork: number): boolean {
  return gang !== undefined || maxWork >= longWork;
}

/** What complex work costs more, in percent: its requester pays that, to whoever runs it; nothing is issued for it. */
const complexPercent = 30n;

/** What decides about a task's price beside the market's. */
export interface Priced {
  readonly requirements: Pick<Requirements, "gang">;
  readonly maxWork: number;
}

/** The price that a task is charged, in nAIS per SCU-second, where the market's price for it is `price`. */
export function chargedPrice(price: bigint, { requirements, maxWork }: Priced): bigint {
  return isComplex(requirements, maxWork) ? (price * (100n + complexPercent)) / 100n : price;
}

/** What a task may cost at most, in nAIS: its maximal work at its top price, in nAIS per SCU-second. */
export function worstCharge(task: Priced & { readonly maxPrice: bigint }): bigint {
  return costOf(task.maxWork, chargedPrice(task.maxPrice, task));
}
