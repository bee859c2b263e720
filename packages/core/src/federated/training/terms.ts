import { checkRobust, type RobustTerms } from "../robust/robust-mean.js";
import type { StrategyTerms } from "../strategies/strategy.js";
import { type ClipTerms, checkClip } from "./clipping.js";
import type { LocalTerms } from "./local-trainer.js";
import type { PrivateTerms } from "./private-trainer.js";
import { inRange } from "./range.js";

/** What all participants of a run agree on before it starts: plain data. */
export interface TrainingTerms {
  /** Whole, 1 to 10,000. */
  readonly rounds: number;
  /** The most participants that one group's sum may have, whole, 1 to 1,048,576: it decides the quanta. */
  readonly mostParticipants: number;
  readonly strategy: StrategyTerms;
  /** How each trains within a round: with `samplingRate` by DP-SGD, which protects each row, else plainly. */
  readonly local: Omit<LocalTerms, "proximal"> | PrivateTerms;
  readonly weighting: Weighting;
  readonly clip: ClipTerms;
  /** Without it updates are masked, but not noised. */
  readonly privacy?: ParticipantPrivacy;
  /** With it the mean withstands poisoned groups; it needs three groups of five participants at least. Without it: the plain mean. */
  readonly robust?: RobustTerms;
}

/**
 * What an update counts for. By rows: n / mostRows, at most 1, which travels within the same sum as the update, so that nobody learns the rows of one; `mostRows` is public
 * and best close to the rows of the largest participant, since what is a small part of it is rounded coarsely. The rows of all together become known. By participant: all
 * count the same.
 */
export type Weighting = { readonly by: "rows"; readonly mostRows: number } | { readonly by: "participant" };

/**
 * Differential privacy of a participant (all its rows together): each adds Skellam noise to what it adds to the sum. What that costs is worked out by the accountant from the
 * parts' quantum, norm and noise.
 */
export interface ParticipantPrivacy {
  /** Standard deviation of the noise in a whole sum over the clip norm, 0.01 to 1,000. */
  readonly noiseMultiplier: number;
  /** By how many the noise is shared: the smallest group's participants less those that may collude; whole, 1 to 1,048,576. */
  readonly sharers: number;
}

/** @throws RangeError for a term out of its range, or for weights by rows under a participant's privacy, where the weight would tell of one */
export function checkTrainingTerms({ rounds, weighting, clip, privacy, robust }: TrainingTerms): void {
  inRange("rounds", rounds, { atLeast: 1, atMost: 10_000, whole: true });
  if (weighting.by === "rows") {
    inRange("mostRows", weighting.mostRows, { atLeast: 1, atMost: Number.MAX_SAFE_INTEGER, whole: true });
  }
  checkClip(clip);
  if (robust) checkRobust(robust);
  if (!privacy) return;
  inRange("noiseMultiplier", privacy.noiseMultiplier, { atLeast: 0.01, atMost: 1000 });
  inRange("sharers", privacy.sharers, { atLeast: 1, atMost: 2 ** 20, whole: true });
  if (weighting.by === "rows") {
    throw new RangeError(
      'Under a participant\'s privacy all updates count the same: weighting must be { by: "participant" }.',
    );
  }
}
