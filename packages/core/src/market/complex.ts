import type { Requirements } from "../protocol/requirements.js";

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
