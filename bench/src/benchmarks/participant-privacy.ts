import {
  initialModel,
  type LabelledRows,
  logitsOf,
  participantNoiseFor,
  publicFeatures,
  runTogether,
  seededUniform,
  type SmallestSum,
  type TrainingTerms,
  trainTogether,
} from "@aegis-pool/core";
import { areaUnderCurve, labelledRows, syntheticLenders, syntheticSchema } from "@aegis-pool/workload-credit";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { noisedSum } from "../credit/noised-sum.js";

const target = { epsilon: 3, delta: 1e-5 };
/** Lenders that come, and the smallest sum that their run releases. */
const many = { lenders: 200, smallest: { floor: 160, colluders: 10 } };
const few = { lenders: 20, smallest: { floor: 16, colluders: 2 } };
const applicants = 20_000;
/** As many noises are drawn, since one may be lucky. */
const repetitions = 3;
const fixed: TrainingTerms["clip"] = { norm: 0.1 };
/** Begins ten times too long; its count takes a tenth of the budget. */
const adaptive: TrainingTerms["clip"] = { norm: 1, adaptive: { countDeviation: 18.5 } };

interface Scene {
  readonly parts: readonly LabelledRows[];
  /** Of lenders that take no part. */
  readonly judged: readonly LabelledRows[];
  readonly smallest: SmallestSum;
}

/**
 * What a participant's privacy costs: AUC of a logistic regression that invented lenders train together, each promised epsilon 3 for all its rows, on applicants of lenders
 * that took no part. Noise is what the smallest sum needs. The baseline is the same training without noise, with a clip norm that adapts, and with one that stays as long as that began.
 */
export const participantPrivacy: Benchmark = {
  name: "participant-privacy",
  summary: "AUC under differential privacy per participant, with many lenders and with few",
  run({ seed, say }: RunOptions) {
    say(`seed ${seed}: repeat with --seed ${seed}; noise is drawn anew`);
    const large = sceneOf(many, seed);
    const small = sceneOf(few, seed);
    const [plain, kept] = [aucOf(large, { norm: 10 }, false), meanOf(large, fixed)];
    say(`${many.lenders} lenders: ${kept.toFixed(3)} at epsilon ${target.epsilon}, ${plain.toFixed(3)} without noise`);
    const figures = [
      { name: "auc200", value: kept, unit: "ratio" },
      { name: "lost200", value: plain - kept, unit: "ratio", atMost: 0.02 },
      { name: "auc20", value: meanOf(small, fixed), unit: "ratio" },
    ];
    const baseline = {
      plain200: plain,
      plain20: aucOf(small, { norm: 10 }, false),
      adaptive200: meanOf(large, adaptive),
      tooLong200: meanOf(large, { norm: adaptive.norm }),
    };
    return Promise.resolve({ figures, baseline });
  },
};

function sceneOf({ lenders, smallest }: typeof many, seed: number): Scene {
  const features = publicFeatures(syntheticSchema.columns, 4, new Uint8Array(16));
  const rowsOf = (count: number, from: number) =>
    syntheticLenders({ lenders: count, applicants, seed: from }).map((each) => labelledRows(features, each.applicants));
  return { parts: rowsOf(lenders, seed), judged: rowsOf(10, (seed + 1) % 2 ** 32), smallest };
}

function meanOf(scene: Scene, clip: TrainingTerms["clip"]): number {
  const all = Array.from({ length: repetitions }, () => aucOf(scene, clip, true));
  return all.reduce((sum, auc) => sum + auc, 0) / repetitions;
}

function aucOf({ parts, judged, smallest }: Scene, clip: TrainingTerms["clip"], isPrivate: boolean): number {
  const start = initialModel({ widths: [judged[0]!.columns, 1], activation: "relu" }, seededUniform(1));
  const open = termsOf(parts.length, clip);
  const terms = isPrivate
    ? { ...open, privacy: participantNoiseFor(open, start.parameters.length, smallest, target) }
    : open;
  const procedures = parts.map((rows, place) => trainTogether(rows, start, terms, { uniform: seededUniform(place) }));
  const { model } = runTogether(procedures, noisedSum())[0]!;
  const scores = judged.flatMap(({ values }) => [...logitsOf(model, values)]);
  return areaUnderCurve(
    scores,
    judged.flatMap(({ labels }) => [...labels]),
  );
}

/** As the plan "credit" trains. */
function termsOf(mostParticipants: number, clip: TrainingTerms["clip"]): TrainingTerms {
  return {
    ...{ rounds: 60, mostParticipants, clip, weighting: { by: "participant" } },
    strategy: { name: "fed-adam", serverRate: 0.05 },
    local: { optimiser: { name: "sgd", learningRate: 0.5 }, batchRows: 2 ** 20, l2: 0.001 },
  };
}
