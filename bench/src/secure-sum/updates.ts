import type { Step } from "@aegis-pool/core";
import { seededRandom } from "../random.js";

/** The norm that updates are held to, as federated averaging does it, and what one unit of the integers stands for: 2^20 units, as among a thousand participants. */
export const norm = 1;
export const quantum = 2 ** -20;

/** An update of `length` values that is a little longer than the norm, so that it is scaled down to it. */
export function madeUpdate(length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const spread = (1.1 * norm * Math.sqrt(3)) / Math.sqrt(length);
  return Float64Array.from({ length }, () => (random() * 2 - 1) * spread);
}

/** What a participant adds. */
export function updateStep(values: Float64Array): Step {
  return { name: "round 1", parts: [{ name: "update", values, quantum, limit: norm, l2: norm }] };
}

/** The values as they are summed without masks: within the norm, not rounded. */
export function withinNorm(values: Float64Array): Float64Array {
  const own = Math.sqrt(values.reduce((squares, value) => squares + value * value, 0));
  return own > norm ? values.map((value) => (value * norm) / own) : values;
}
