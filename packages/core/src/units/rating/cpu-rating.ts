import { type CpuSpeeds, cpuRating } from "../scu.js";

/** How a speed comes to count. */
export const ratingRules = {
  /** µSCU of one slot, at most, while nothing is proven: about one ordinary core. */
  unprovenSlotSpeed: 20_000,
  /** Memory traffic cannot be proven, only claimed: it counts up to this many bytes for each proven operation. */
  memoryBytesPerFlop: 1,
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

/** µSCU of one slot by the agent's own word alone. */
export function unprovenSlotSpeed(claimed: CpuSpeeds, slots: number): number {
  return Math.min(ratingRules.unprovenSlotSpeed, perSlot(claimed, slots));
}

/** µSCU of one slot by a proven rate of operations; the claimed memory traffic counts within its bound. */
export function provenSlotSpeed(flopsPerSecond: number, claimedMemory: number, slots: number): number {
  const memory = Math.min(claimedMemory, flopsPerSecond * ratingRules.memoryBytesPerFlop);
  return perSlot({ fp32FlopsPerSecond: flopsPerSecond, memoryBytesPerSecond: memory }, slots);
}

/** All slots together are rated, since they share memory; each is worth its part. */
function perSlot(together: CpuSpeeds, slots: number): number {
  return Math.max(1, Math.floor(cpuRating(together) / slots));
}
