import type { GroupSum, Part, Procedure } from "../procedure.js";
import { type Strategy, strategyOf } from "../strategies/strategy.js";
import { adaptedNorm, clipTo } from "./clipping.js";
import { LocalTrainer } from "./local-trainer.js";
import type { Model } from "./network.js";
import { type GroupTotal, lossParts, readTotal, roundParts } from "./round-parts.js";
import type { LabelledRows } from "./rows.js";
import { checkTrainingTerms, type TrainingTerms, type Weighting } from "./terms.js";

/** What became of one round: the same for all participants. */
export interface RoundReport {
  /** From 1. */
  readonly round: number;
  /** How many took part, in all groups together. */
  readonly participants: number;
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

/**
 * Trains one model over all participants' rows: per round, each trains from the round's model on its own rows, adds its clipped update to the sum, and moves the
 * model by the mean as the strategy says. All end with the same model, bit for bit: nothing of one participant enters it but through the sums.
 *
 * @param rows of this participant; none is allowed
 * @param start the model to begin with, the same for all
 * @param random uniform in [0, 1), this participant's own
 * @throws RangeError for terms or rows that cannot be used, and where training here diverges, which no sum could make good
 */
export function* trainTogether(
  rows: LabelledRows,
  start: Model,
  terms: TrainingTerms,
  random: () => number,
): Procedure<TrainedTogether> {
  checkTrainingTerms(terms);
  const parameters = start.parameters.slice();
  const strategy = strategyOf(terms.strategy, parameters.length);
  const trainer = new LocalTrainer(start.shape, rows, { ...terms.local, proximal: strategy.proximal });
  const weight = weightOf(rows.labels.length, terms.weighting);
  const rounds: RoundReport[] = [];
  let clipNorm = terms.clip.norm;
  for (let round = 1; round <= terms.rounds; round++) {
    const loss = trainer.meanLoss(parameters);
    const update = updateOf(trainer, parameters, random);
    const isWithin = clipTo(update, clipNorm);
    const parts = roundParts({ update, weight, loss, isWithin }, clipNorm, terms);
    const groups = readTotals(yield { name: `round ${round}`, parts }, parts);
    rounds.push({ round, participants: participantsOf(groups), loss: meanLoss(groups), clipNorm });
    move(parameters, groups, strategy);
    clipNorm = nextNorm(clipNorm, groups, terms);
  }
  const loss = yield* finalLoss({ weight, loss: trainer.meanLoss(parameters) }, terms);
  return { model: { shape: start.shape, parameters }, loss, rounds };
}

function weightOf(rows: number, weighting: Weighting): number {
  return weighting.by === "rows" ? Math.min(1, rows / weighting.mostRows) : 1;
}

/** How far this participant's own training goes from `parameters`. */
function updateOf(trainer: LocalTrainer, parameters: Float32Array, random: () => number): Float64Array {
  const trained = parameters.slice();
  trainer.train(trained, random);
  const update = Float64Array.from(trained, (value, at) => value - parameters[at]!);
  if (update.every(Number.isFinite)) return update;
  throw new RangeError("Training diverged: the model is no longer finite. A lower learning rate may help.");
}

function readTotals(groups: readonly GroupSum[], parts: readonly Part[]): GroupTotal[] {
  return groups.map((group) => readTotal(group, parts));
}

function participantsOf(groups: readonly GroupTotal[]): number {
  return groups.reduce((sum, { participants }) => sum + participants, 0);
}

/** Moves the model by the mean of all updates; where nobody has rows it stays. */
function move(parameters: Float32Array, groups: readonly GroupTotal[], strategy: Strategy): void {
  const weight = groups.reduce((sum, group) => sum + group.weight, 0);
  if (weight <= 0) return;
  const mean = new Float64Array(parameters.length);
  for (const { update } of groups) for (let at = 0; at < mean.length; at++) mean[at]! += update[at]! / weight;
  strategy.apply(parameters, mean);
}

function meanLoss(groups: readonly GroupTotal[]): number | undefined {
  let [loss, weight] = [0, 0];
  for (const group of groups) {
    if (group.loss === undefined) return undefined;
    loss += group.loss;
    weight += group.weight;
  }
  return weight > 0 ? loss / weight : undefined;
}

function nextNorm(norm: number, groups: readonly GroupTotal[], { clip }: TrainingTerms): number {
  if (!clip.adaptive) return norm;
  const within = groups.reduce((sum, { shareWithin = 0, participants }) => sum + shareWithin * participants, 0);
  return adaptedNorm(norm, within / participantsOf(groups), clip.adaptive);
}

/** One more sum, of a value or two, so that the model that came out has a loss too. */
function* finalLoss(said: { weight: number; loss: number }, terms: TrainingTerms): Procedure<number | undefined> {
  if (terms.privacy) return undefined;
  const parts = lossParts(said, terms);
  return meanLoss(readTotals(yield { name: "loss", parts }, parts));
}
