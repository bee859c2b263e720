import type { Part } from "../procedure.js";
import { quantumFor } from "../quantum.js";
import { type AdaptiveClip, countDeviation, updateMultiplier } from "./clipping.js";
import type { ParticipantPrivacy, TrainingTerms } from "./terms.js";

/** Mean losses above this, and those that overflow, are sent as this: a model that is so wrong has diverged. A coin's is 0.69. */
const mostLoss = 64;

/** Quanta at most in a norm where noise is added: rounding is then far below the noise. */
const noisedUnits = 2 ** 14;
/** Standard deviation in quanta, at most, of what one participant adds: noise up to this is one draw a value, and a hundredfold variance could not be drawn at all. */
const noisedDeviation = 1e4;

/** What one participant has to say in a round, before it is masked. */
export interface Contribution {
  /** Already within the norm, and times the weight. */
  readonly update: Float64Array;
  /** What it counts for, 0 to 1. */
  readonly weight: number;
  /** Mean loss of the round's model over its rows. */
  readonly loss: number;
  /** Whether the update was within the norm before it was clipped. */
  readonly isWithin: boolean;
}

/** The parts of a round's step. */
export function roundParts(said: Contribution, norm: number, terms: TrainingTerms): Part[] {
  const parts: Part[] = [updatePart(said, norm, terms)];
  if (terms.clip.adaptive) parts.push(withinPart(said, terms.clip.adaptive, terms));
  return [...parts, ...lossParts(said, terms)];
}

/** The weight, where it is not the same for all, and the weighted loss, where it is sent. */
export function lossParts({ weight, loss }: Pick<Contribution, "weight" | "loss">, terms: TrainingTerms): Part[] {
  const parts: Part[] = [];
  const part = (name: string, value: number, limit: number) =>
    parts.push({ name, values: Float64Array.of(value), limit, quantum: quantumFor(limit, terms.mostParticipants) });
  if (terms.weighting.by === "rows") part("weight", weight, 1);
  if (sendsLoss(terms)) part("loss", weight * (loss < mostLoss ? loss : mostLoss), mostLoss);
  return parts;
}

/** Whether losses travel: not under privacy, since the budget was not charged for them. */
export function sendsLoss({ privacy, local }: TrainingTerms): boolean {
  return !privacy && !("samplingRate" in local);
}

function updatePart({ update }: Contribution, norm: number, terms: TrainingTerms): Part {
  const part = { name: "update", values: update, limit: norm, l2: norm };
  const { privacy, clip, mostParticipants } = terms;
  if (!privacy) return { ...part, quantum: quantumFor(norm, mostParticipants) };
  return { ...part, ...noised(norm, updateMultiplier(privacy, clip), mostParticipants, privacy) };
}

/** Half more or half less than nothing, so that one participant changes the sum by a half instead of by one: half as much noise does. */
function withinPart({ isWithin }: Contribution, adaptive: AdaptiveClip, terms: TrainingTerms): Part {
  const part = { name: "within clip", values: Float64Array.of(isWithin ? 0.5 : -0.5), limit: 0.5, l2: 0.5 };
  const { privacy, mostParticipants } = terms;
  if (!privacy) return { ...part, quantum: quantumFor(part.limit, mostParticipants) };
  return { ...part, ...noised(part.l2, countDeviation(privacy, adaptive) / part.l2, mostParticipants, privacy) };
}

/**
 * The quantum, and each sharer's variance in quanta, of a part whose sum bears noise of `multiplier` norms. The variance follows from the multiplier alone, to the bit, so that a
 * norm that adapts asks for the same noise in every round: its table is made once, and one mechanism is charged.
 */
function noised(norm: number, multiplier: number, mostParticipants: number, { sharers }: ParticipantPrivacy) {
  const most = noisedDeviation * Math.sqrt(sharers);
  let finest = noisedUnits;
  while (finest > 1 && finest * multiplier > most) finest /= 2;
  const quantum = quantumFor(norm, mostParticipants, finest);
  const deviation = multiplier * Math.round(norm / quantum);
  return { quantum, noiseVariance: (deviation * deviation) / sharers };
}
