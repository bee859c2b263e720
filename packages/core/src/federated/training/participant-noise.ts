import { type PrivacyRelease, spentEpsilon } from "../accounting/budget.js";
import { leastNoise, type PrivacyTarget, requireTarget } from "../accounting/calibration.js";
import { releasesOfStep, type SmallestSum } from "../accounting/charge-step.js";
import { multiplierOfBoth } from "./clipping.js";
import { roundParts } from "./round-parts.js";
import type { ParticipantPrivacy, TrainingTerms } from "./terms.js";

/** Noise multipliers between which the noise of updates is looked for. */
const multipliers = { least: 0.01, most: 1000 };
/** A part in a billion more than was found: variances are computed from it in an order that rounds otherwise. */
const margin = 1 + 1e-9;

/**
 * The least noise with which all rounds of a training keep to the target in sums as small as `smallest`, and at most 0.03% more. It is found by the accountant over the very parts that
 * rounds send, so with integer sensitivities after rounding, and with the count that an adaptive clip norm asks for.
 *
 * @param terms of the training; what they say of privacy is not looked at
 * @param count of the model's parameters
 * @throws RangeError where a term is out of its range, or no noise up to a multiplier of 1,000 is enough
 */
export function participantNoiseFor(
  terms: TrainingTerms,
  count: number,
  smallest: SmallestSum,
  target: PrivacyTarget,
): ParticipantPrivacy {
  requireTarget(target);
  const sharers = smallest.floor - smallest.colluders;
  const said = { update: new Float64Array(count), weight: 1, loss: 0, isWithin: true };
  const privacyOf = (multiplier: number): ParticipantPrivacy => {
    return { noiseMultiplier: multiplierOfBoth(multiplier, sharers, terms.clip), sharers };
  };
  const spentPart = (multiplier: number) => {
    const parts = roundParts(said, terms.clip.norm, { ...terms, privacy: privacyOf(multiplier) });
    const charges = wholeRun(releasesOfStep({ parts }, smallest), terms.rounds);
    return spentEpsilon({ promise: { ...target, per: "participant" }, charges }) / target.epsilon;
  };
  return privacyOf(leastNoise(spentPart, multipliers) * margin);
}

function wholeRun(releases: readonly PrivacyRelease[] | "unprotected", rounds: number): PrivacyRelease[] {
  if (releases === "unprotected")
    throw new RangeError("A part of these rounds has no noise: its privacy has no price.");
  return releases.map((release) => ({ ...release, times: rounds }));
}
