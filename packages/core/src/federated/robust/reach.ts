import type { Part } from "../procedure.js";
import { normOf } from "../vectors.js";

/** What one group's sum says of updates and weights. */
export interface WeighedSum {
  readonly participants: number;
  /** Sum of weighted updates. */
  readonly update: Float64Array;
  /** Sum of weights, each 0 to 1. */
  readonly weight: number;
}

/**
 * Whether honest participants can have made this sum: each adds w times an update of norm C at most, for a weight w of 0 to 1, so that all add C times the sum of weights
 * at most, up to rounding and noise; weights below none leave no length at all. A sum out of reach proves that somebody in the group cheats, but not who; so the whole group is left out of the round rather than
 * scaled down, which would still let the cheat choose where the model goes.
 *
 * @param part the update's part of the step: its `l2` is C
 * @param weightQuantum of the weights' part; 0 where all weights are 1
 */
export function isWithinReach(
  { participants, update, weight }: WeighedSum,
  part: Part,
  weightQuantum: number,
): boolean {
  const roundedWeight = participants * weightQuantum;
  if (weight > participants + roundedWeight) return false;
  const root = Math.sqrt(update.length);
  const rounding = participants * part.quantum * root;
  // The norm of d normal values is above sqrt(d) + 8 with a chance of e^-32 (Gaussian concentration); Skellam noise of these variances is as good as normal here.
  const noise = part.quantum * Math.sqrt(participants * (part.noiseVariance ?? 0)) * (root + 8);
  return normOf(update) <= (part.l2 ?? Infinity) * (weight + roundedWeight) + rounding + noise;
}
