import type { Procedure } from "../procedure.js";
import { quantumFor } from "../quantum.js";
import { add } from "../vectors.js";
import { checkModel, type Model } from "./network.js";
import { ClippedSampler } from "./private-gradient.js";
import { addNoise, checkPrivateTerms, PrivateSteps, type PrivateTerms } from "./private-trainer.js";
import { inRange } from "./range.js";
import type { LabelledRows } from "./rows.js";

/** What participants of a common descent agree on. */
export interface DescentTerms extends PrivateTerms {
  /** The most participants in one sum, whole, 1 to 1,048,576. */
  readonly mostParticipants: number;
  /** By how many the noise is shared: the fewest participants in a sum less those that may collude; whole, 1 to 1,048,576. */
  readonly sharers: number;
  /** The rows of all participants together, as far as they are public: whole, 1 to 2^53 - 1. They scale the step and nothing else. */
  readonly rows: number;
  /** The most rows of one participant: whole, 1 to 2^53 - 1. It bounds what one adds; rows beyond it are not used. */
  readonly mostRows: number;
}

/**
 * DP-SGD over all rows as if they lay in one place: a step of the descent is one secure sum. Each participant samples its own rows, sums their clipped gradients, and adds its
 * share of the noise; together the shares of `sharers` are all of the noise that the accountant reckons with. So a model is as good as a trusted curator's, where each
 * adding all of the noise by itself costs the root of the participants in accuracy; and a row is protected from everybody, as long as no more collude than were reckoned
 * with: who sees a sum sees the noise of all, and who colludes can take off its own.
 *
 * Shares are Gaussian and rounded to quanta of a 2^-22nd of the limit at most (2^-20 for a thousand participants): rounding is that much below what the noise hides, and is
 * not charged for. That floating-point noise is not exactly Gaussian is the same limit as in every such trainer (Mironov, CCS 2012).
 *
 * @param random uniform in [0, 1), secret: who takes part in a step @param normal standard normal, secret
 * @returns the model, the same for all
 * @throws RangeError for terms or rows that cannot be used
 */
export function* descendTogether(
  rows: LabelledRows,
  start: Model,
  terms: DescentTerms,
  random: () => number,
  normal: () => number,
): Procedure<Model> {
  checkDescent(terms);
  checkModel(start);
  const { clipNorm, samplingRate, noiseMultiplier, mostParticipants, steps } = terms;
  const parameters = start.parameters.slice();
  const sampler = new ClippedSampler(start.shape, firstRows(rows, terms.mostRows), terms);
  const moves = new PrivateSteps(start.shape, terms, parameters.length);
  const share = (noiseMultiplier * clipNorm) / Math.sqrt(terms.sharers);
  const limit = largestSum(terms, share);
  const quantum = quantumFor(limit, mostParticipants);
  for (let step = 1; step <= steps; step++) {
    const values = sampler.sum(parameters, random);
    addNoise(values, share, normal);
    const groups = yield { name: `step ${step}`, parts: [{ name: "gradient", values, quantum, limit }] };
    const sum = new Float64Array(values.length);
    for (const { parts } of groups) add(sum, parts[0]!);
    moves.step(parameters, sum, samplingRate * terms.rows);
  }
  return { shape: start.shape, parameters };
}

function checkDescent({ sharers, rows, mostRows, ...terms }: DescentTerms): void {
  checkPrivateTerms(terms);
  inRange("sharers", sharers, { atLeast: 1, atMost: 2 ** 20, whole: true });
  inRange("rows", rows, { atLeast: 1, atMost: Number.MAX_SAFE_INTEGER, whole: true });
  inRange("mostRows", mostRows, { atLeast: 1, atMost: Number.MAX_SAFE_INTEGER, whole: true });
}

function firstRows({ values, labels, columns }: LabelledRows, most: number): LabelledRows {
  return { values: values.subarray(0, most * columns), labels: labels.subarray(0, most), columns };
}

/** What no honest value passes, but by a chance of 1e-15: a sample ten deviations above its mean, all rows' gradients along one axis, and the noise ten deviations out. */
function largestSum({ clipNorm, samplingRate, mostRows }: DescentTerms, noise: number): number {
  const mean = samplingRate * mostRows;
  return clipNorm * Math.min(mostRows, mean + 10 * Math.sqrt(mean) + 10) + 10 * noise;
}
