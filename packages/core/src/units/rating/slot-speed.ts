import { type DeviceSpeeds, ratingOf } from "../scu.js";

/** How a speed comes to count. */
export const ratingRules = {
  /** µSCU of one slot, at most, while nothing is proven: about one ordinary core. */
  unprovenSlotSpeed: 20_000,
  /**
   * Memory traffic cannot be proven, only claimed: it counts up to this many bytes for each proven FP32 operation. No
   * known device has more.
   */
  memoryBytesPerFlop: { cpu: 1, webgpu: 0.15 },
  /** Columns of a challenge's matrices: four of them fit in 16 MiB. */
  challengeSize: 1_024,
  /** How long a challenge takes by the agent's own word, in ms: scheduling noise is a hundredth of that. */
  challengeMs: 3_000,
  /** A proof counts for this long, in ms. */
  lastsMs: 24 * 3_600_000,
  /** Whoever failed may try again after this time, in ms. */
  retryMs: 600_000,
  /** Random slots come once in this time, in ms, on average. */
  slotEveryMs: 2 * 3_600_000,
  /** Network time is taken off the answer's, but no more than this, in ms: an agent can delay its pongs. */
  mostRoundTripMs: 100,
} as const;

/** The class of what an agent lends: one device, or the cores of one machine. */
export type LentClass = keyof typeof ratingRules.memoryBytesPerFlop;

/** In which arithmetic a product is computed. The numbers are the same; FP16 has sums in FP32. */
export type Precision = "fp32" | "fp16";

/** Operations per second that have been proven; without `fp16` such work runs at the FP32 rate. */
export interface ProvenRates {
  readonly fp32: number;
  readonly fp16?: number | undefined;
}

/** µSCU of one slot by the agent's own word alone. */
export function unprovenSlotSpeed(lent: LentClass, claimed: DeviceSpeeds, slots: number): number {
  return Math.min(ratingRules.unprovenSlotSpeed, perSlot(lent, claimed, slots));
}

/** µSCU of one slot by proven rates of operations; the claimed memory traffic counts within its bound. */
export function provenSlotSpeed(lent: LentClass, proven: ProvenRates, claimedMemory: number, slots: number): number {
  const speeds = {
    fp32FlopsPerSecond: proven.fp32,
    fp16FlopsPerSecond: proven.fp16,
    memoryBytesPerSecond: Math.min(claimedMemory, proven.fp32 * ratingRules.memoryBytesPerFlop[lent]),
  };
  return perSlot(lent, speeds, slots);
}

/** All slots together are rated, since they share memory; each is worth its part. */
function perSlot(lent: LentClass, together: DeviceSpeeds, slots: number): number {
  return Math.max(1, Math.floor(ratingOf(lent, together) / slots));
}
