import type { GroupSum, Part } from "../procedure.js";
import { isWithinReach } from "../robust/reach.js";
import { add, scale } from "../vectors.js";
import { checkGroups, medianOf, type RobustTerms, robustMean } from "../robust/robust-mean.js";

/** What one group's participants have said together. */
export interface GroupTotal {
  readonly participants: number;
  /** Sum of weighted updates. */
  readonly update: Float64Array;
  /** Sum of weights, each 0 to 1. */
  readonly weight: number;
  /** Sum of weighted losses, where they are sent. */
  readonly loss: number | undefined;
  /** Share of participants whose update was within the norm, noise included; NaN where that is not sent. */
  readonly shareWithin: number;
  /** Whether honest participants can have said it. */
  readonly isPossible: boolean;
}

/** What the groups' sums say. @param parts of this participant's own step, which say what is where */
export function readTotals(groups: readonly GroupSum[], parts: readonly Part[]): GroupTotal[] {
  const indexOf = (name: string) => parts.findIndex((part) => part.name === name);
  const [update, weight, loss, within] = ["update", "weight", "loss", "within clip"].map(indexOf) as Indices;
  return groups.map(({ participants, parts: sums }) => {
    const total = {
      participants,
      update: sums[update] ?? new Float64Array(),
      weight: sums[weight]?.[0] ?? participants,
    };
    return {
      ...total,
      loss: sums[loss]?.[0],
      shareWithin: (sums[within]?.[0] ?? Number.NaN) / participants + 0.5,
      isPossible: update < 0 || isWithinReach(total, parts[update]!, parts[weight]?.quantum ?? 0),
    };
  });
}

type Indices = [update: number, weight: number, loss: number, within: number];

/** How many are in all groups together. */
export function participantsOf(groups: readonly GroupTotal[]): number {
  return groups.reduce((sum, { participants }) => sum + participants, 0);
}

/**
 * The mean update of the groups whose sums are possible, weighted, or robust; undefined where nothing has weight.
 *
 * @throws RangeError where groups are too few or too small for a robust mean
 */
export function meanUpdate(groups: readonly GroupTotal[], robust: RobustTerms | undefined): Float64Array | undefined {
  if (robust)
    checkGroups(
      groups.map(({ participants }) => participants),
      robust,
    );
  const counted = groups.filter(({ isPossible, weight }) => isPossible && weight > 0);
  if (counted.length === 0) return undefined;
  if (robust)
    return robustMean(
      counted.map(({ update, weight }) => update.map((value) => value / weight)),
      robust,
    );
  const weight = counted.reduce((sum, group) => sum + group.weight, 0);
  const mean = new Float64Array(counted[0]!.update.length);
  for (const { update } of counted) add(mean, update);
  scale(mean, 1 / weight);
  return mean;
}

/** The mean loss over all weights; undefined where losses are not sent or nothing has weight. */
export function meanLoss(groups: readonly GroupTotal[]): number | undefined {
  let [loss, weight] = [0, 0];
  for (const group of groups) {
    if (group.loss === undefined) return undefined;
    loss += group.loss;
    weight += group.weight;
  }
  return weight > 0 ? loss / weight : undefined;
}

/** The share of updates that were within the norm: of all participants or, where groups may be poisoned, of the group in the middle. */
export function shareWithin(groups: readonly GroupTotal[], robust: RobustTerms | undefined): number {
  if (robust) return medianOf(groups.map((group) => group.shareWithin));
  return groups.reduce((sum, group) => sum + group.shareWithin * group.participants, 0) / participantsOf(groups);
}
