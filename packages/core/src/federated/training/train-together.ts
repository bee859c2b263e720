import type { Procedure } from "../procedure.js";
import { strategyOf } from "../strategies/strategy.js";
import { adaptedNorm, clipTo } from "./clipping.js";
import { LocalTrainer } from "./local-trainer.js";
import { checkModel, type Model, type NetworkShape } from "./network.js";
import { PrivateTrainer } from "./private-trainer.js";
import { lossParts, roundParts, sendsLoss } from "./round-parts.js";
import { type GroupTotal, meanLoss, meanUpdate, participantsOf, readTotals, shareWithin } from "./round-sums.js";
import type { LabelledRows } from "./rows.js";
import { checkTrainingTerms, type TrainingTerms, type Weighting } from "./terms.js";

/** What became of one round: the same for all participants. */
export interface RoundReport {
  /** From 1. */
  readonly round: number;
  /** How many took part, in all groups together. */
  readonly participants: number;
  /** Groups whose sum honest participants cannot have made: they were left out. */
  readonly groupsLeftOut: number;
  /** Mean loss, over all rows or all participants as weights are, of the model that the round *began* with; undefined under privacy. */
  readonly loss: number | undefined;
  /** The norm that updates were clipped to. */
  readonly clipNorm: number;
}

/** A model that participants trained together. */
export interface TrainedTogether {
  readonly model: Model;
  /** Of the model, as in a round's report. */
  readonly loss: number | undefined;
  readonly rounds: readonly RoundReport[];
}

/** Where one participant's chance comes from. */
export interface TrainingRandomness {
  /** Uniform in [0, 1). Under DP-SGD it must be secret. */
  readonly uniform: () => number;
  /** Standard normal and secret: the noise of DP-SGD. Nothing else needs it. */
  readonly normal?: () => number;
}

/**
 * Trains one model over all participants' rows: per round, each trains from the round's model on its own rows, adds its clipped update to the sum, and moves the
 * model by the mean as the strategy says. All end with the same model, bit for bit: nothing of one participant enters it but through the sums.
 *
 * @param rows of this participant; none is allowed
 * @param start the model to begin with, the same for all
 * @param random this participant's own
 * @throws RangeError for terms or rows that cannot be used, where training here diverges, which no sum could make good, and where groups are too few for a robust mean
 */
export function* trainTogether(
  rows: LabelledRows,
  start: Model,
  terms: TrainingTerms,
  random: TrainingRandomness,
): Procedure<TrainedTogether> {
  checkTrainingTerms(terms);
  checkModel(start);
  const parameters = start.parameters.slice();
  const strategy = strategyOf(terms.strategy, parameters.length);
  const local = localOf(start.shape, rows, terms, strategy.proximal, random);
  const weight = weightOf(rows.labels.length, terms.weighting);
  const rounds: RoundReport[] = [];
  let clipNorm = terms.clip.norm;
  for (let round = 1; round <= terms.rounds; round++) {
    const loss = local.meanLoss(parameters);
    const update = updateOf(local, parameters);
    const isWithin = clipTo(update, clipNorm);
    const parts = roundParts({ update, weight, loss, isWithin }, clipNorm, terms);
    const groups = readTotals(yield { name: `round ${round}`, parts }, parts);
    rounds.push({ round, ...reportOf(groups), clipNorm });
    const mean = meanUpdate(groups, terms.robust);
    if (mean) strategy.apply(parameters, mean);
    if (terms.clip.adaptive) clipNorm = adaptedNorm(clipNorm, shareWithin(groups, terms.robust), terms.clip.adaptive);
  }
  const loss = yield* finalLoss({ weight, loss: local.meanLoss(parameters) }, terms);
  return { model: { shape: start.shape, parameters }, loss, rounds };
}

/** What one participant does by itself. */
interface Local {
  train(parameters: Float32Array): void;
  /** 0 where losses are not sent. */
  meanLoss(parameters: Float32Array): number;
}

function localOf(
  shape: NetworkShape,
  rows: LabelledRows,
  { local }: TrainingTerms,
  proximal: number,
  { uniform, normal }: TrainingRandomness,
): Local {
  if (!("samplingRate" in local)) {
    const trainer = new LocalTrainer(shape, rows, { ...local, proximal });
    return {
      train: (parameters) => void trainer.train(parameters, uniform),
      meanLoss: (parameters) => trainer.meanLoss(parameters),
    };
  }
  if (!normal) throw new RangeError("DP-SGD needs a source of normal noise: `random.normal` is missing.");
  if (proximal > 0)
    throw new RangeError("FedProx and DP-SGD do not go together: its term is not in the clipped gradients.");
  const trainer = new PrivateTrainer(shape, rows, local, normal);
  return { train: (parameters) => trainer.train(parameters, uniform), meanLoss: () => 0 };
}

function weightOf(rows: number, weighting: Weighting): number {
  return weighting.by === "rows" ? Math.min(1, rows / weighting.mostRows) : 1;
}

/** How far this participant's own training goes from `parameters`. */
function updateOf(local: Local, parameters: Float32Array): Float64Array {
  const trained = parameters.slice();
  local.train(trained);
  const update = new Float64Array(trained.length);
  for (let at = 0; at < update.length; at++) update[at] = trained[at]! - parameters[at]!;
  if (update.every(Number.isFinite)) return update;
  throw new RangeError("Training diverged: the model is no longer finite. A lower learning rate may help.");
}

function reportOf(groups: readonly GroupTotal[]) {
  return {
    participants: participantsOf(groups),
    groupsLeftOut: groups.filter(({ isPossible }) => !isPossible).length,
    loss: meanLoss(groups),
  };
}

/** One more sum, of a value or two, so that the model that came out has a loss too. */
function* finalLoss(said: { weight: number; loss: number }, terms: TrainingTerms): Procedure<number | undefined> {
  if (!sendsLoss(terms)) return undefined;
  const parts = lossParts(said, terms);
  return meanLoss(readTotals(yield { name: "loss", parts }, parts));
}
