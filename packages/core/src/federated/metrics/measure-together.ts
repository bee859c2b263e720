import type { GroupSum, Procedure } from "../procedure.js";
import { quantumFor } from "../quantum.js";
import { crossEntropy } from "../training/engine.js";
import type { Model } from "../training/network.js";
import { logitsOf } from "../training/predict.js";
import { inRange } from "../training/range.js";
import { add } from "../vectors.js";
import { checkRows, type LabelledRows } from "../training/rows.js";

/** What participants of a measurement agree on. */
export interface MeasuringTerms {
  /** The most participants in one sum, whole, 1 to 1,048,576. */
  readonly mostParticipants: number;
  /** The most rows of one participant, whole, 1 to 2^31; rows beyond it are not counted. */
  readonly mostRows: number;
  /** Of the logits from -16 to 16, for each label; whole, 16 to 65,536; 2,048 by default. Fewer are better under noise. */
  readonly bins?: number;
  /** Noise that protects a row: one more row changes one count by one. Without it counts are exact. */
  readonly noise?: MeasuringNoise;
}

/** What hides one row in the counts. */
export interface MeasuringNoise {
  /** Standard deviation of the noise in each count's sum, in rows: 0.01 to 1e6. */
  readonly deviation: number;
  /** By how many it is shared: the smallest group's participants less those that may collude; whole, 1 to 1,048,576. */
  readonly sharers: number;
}

/** How good a model is over all participants' rows. */
export interface Measured {
  /** Rows counted; with noise about so many. */
  readonly rows: number;
  /** Mean cross-entropy, within half a bin's width; logits beyond +-16 count as 16. NaN without rows. */
  readonly loss: number;
  /** Area under the ROC curve; NaN unless both labels were seen. */
  readonly auc: number;
  /** How far the AUC of the scores themselves may be from `auc`, noise aside: half the share of pairs of unlike rows that fell into one bin. */
  readonly aucBound: number;
}

/** Logits are counted from minus this to this. */
const reach = 16;

/**
 * Measures a model over all participants' rows by one secure histogram of its scores: how many rows of each label fall into each of equal bins of the logit. Pairs in one bin
 * count half for the AUC, as ties do in the Mann-Whitney statistic.
 *
 * @param rows of this participant; none is allowed
 * @throws RangeError for terms or rows that cannot be used
 */
export function* measureTogether(rows: LabelledRows, model: Model, terms: MeasuringTerms): Procedure<Measured> {
  const bins = inRange("bins", terms.bins ?? 2048, { atLeast: 16, atMost: 65_536, whole: true });
  inRange("mostRows", terms.mostRows, { atLeast: 1, atMost: 2 ** 31, whole: true });
  checkRows(rows, model.shape.widths[0]!);
  // Counts are whole: a quantum of 1 is exact, and a coarser one is needed only where so many rows would not fit.
  const quantum = Math.max(1, quantumFor(terms.mostRows, terms.mostParticipants));
  const part = { name: "scores", values: histogram(rows, model, bins, terms.mostRows), quantum, limit: terms.mostRows };
  return measuredBy(yield { name: "scores", parts: [{ ...part, noiseVariance: noiseVariance(terms, quantum) }] });
}

/** What the sums of a measurement say, for whoever sees them: `measureTogether` returns it. Nothing is known without groups. */
export function measuredBy(groups: readonly GroupSum[]): Measured {
  const counts = new Float64Array(groups[0]?.parts[0]?.length ?? 0);
  for (const { parts } of groups) add(counts, parts[0]!);
  const bins = counts.length / 2;
  return measured(counts.subarray(0, bins), counts.subarray(bins));
}

function noiseVariance({ noise }: MeasuringTerms, quantum: number): number {
  if (!noise) return 0;
  inRange("noise.deviation", noise.deviation, { atLeast: 0.01, atMost: 1e6 });
  inRange("noise.sharers", noise.sharers, { atLeast: 1, atMost: 2 ** 20, whole: true });
  return (noise.deviation / quantum) ** 2 / noise.sharers;
}

/** Counts of rows with label 0 in each bin, then of those with label 1. */
function histogram({ values, labels, columns }: LabelledRows, model: Model, bins: number, most: number): Float64Array {
  const counts = new Float64Array(2 * bins);
  for (const [row, logit] of logitsOf(model, values.subarray(0, most * columns)).entries()) {
    const bin = Math.floor(((logit + reach) / (2 * reach)) * bins);
    counts[labels[row]! * bins + Math.min(bins - 1, Math.max(0, bin))]! += 1;
  }
  return counts;
}

function measured(negatives: Float64Array, positives: Float64Array): Measured {
  let [below, positiveRows, loss, ordered, tied] = [0, 0, 0, 0, 0];
  for (const [bin, negative] of negatives.entries()) {
    const positive = positives[bin]!;
    const logit = ((bin + 0.5) / negatives.length) * 2 * reach - reach;
    loss += negative * crossEntropy(logit, 0) + positive * crossEntropy(logit, 1);
    ordered += positive * below;
    tied += positive * negative;
    below += negative;
    positiveRows += positive;
  }
  const pairs = below > 0 && positiveRows > 0 ? below * positiveRows : Number.NaN;
  const rows = below + positiveRows;
  return {
    rows,
    loss: rows > 0 ? loss / rows : Number.NaN,
    auc: (ordered + tied / 2) / pairs,
    aucBound: tied / 2 / pairs,
  };
}
