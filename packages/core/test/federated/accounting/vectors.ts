import { readFileSync } from "node:fs";
import { vectorFile } from "../../fixtures.js";

/** Steps of the subsampled Gaussian mechanism, and the epsilons that others found for them. */
interface GaussianVector {
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly steps: number;
  readonly delta: number;
  readonly rdp?: number;
  readonly pld?: number;
}

interface SkellamVector {
  readonly variance: number;
  /** Of one participant: [integer, number of coordinates that have it]. */
  readonly shifts: readonly (readonly [number, number])[];
  readonly sums: number;
  readonly delta: number;
  readonly epsilon?: number;
}

interface Vectors {
  readonly gaussian: readonly GaussianVector[];
  readonly skellam: readonly SkellamVector[];
}

/** vectors/privacy-accounting.json, which says where its values are from. */
export const vectors = JSON.parse(readFileSync(vectorFile("privacy-accounting"), "utf8")) as Vectors;

/** One integer for each coordinate. */
export function coordinates({ shifts }: SkellamVector): number[] {
  return shifts.flatMap(([shift, count]) => Array.from({ length: count }, () => shift));
}

export function norms(shifts: readonly number[]): { l1: number; l2: number } {
  const l1 = shifts.reduce((sum, shift) => sum + Math.abs(shift), 0);
  return { l1, l2: Math.sqrt(shifts.reduce((sum, shift) => sum + shift * shift, 0)) };
}
