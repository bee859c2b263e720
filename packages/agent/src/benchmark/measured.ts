import type { Precision, RowCommitment, SpeedChallenge } from "@aegis-pool/core";

/** What one measurement did, and in what time. */
export interface Measured {
  /** Floating-point operations, or bytes between a device and its memory. */
  readonly amount: number;
  readonly ms: number;
}

/** A challenge, computed. */
export interface MeasuredProduct extends Measured {
  readonly commitment: RowCommitment;
}

/** How memory is walked: all arrays read, all written, or two read and one written. */
export type TrafficKind = "read" | "write" | "triad";

/** Whatever walks through memory. */
export interface TrafficBench {
  traffic(kind: TrafficKind, rounds: number): Promise<Measured>;
}

/** A graphics card, however it is reached. */
export interface CardBench extends TrafficBench {
  readonly precisions: readonly Precision[];
  /** Columns of matrices that keep it busy. */
  readonly size: number;
  product(challenge: SpeedChallenge, precision: Precision): Promise<Measured>;
}

/** The rows of a square matrix of residues, 16 bits each. */
export function rowsOf(residues: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, row) => residues.subarray(row * size * 2, (row + 1) * size * 2));
}
