import type { GroupSum, Part, Step } from "../procedure.js";
import { type Strategy, strategyOf } from "../strategies/strategy.js";
import { firstNotFinite, scale } from "../vectors.js";
import { adaptedNorm, clipTo } from "./clipping.js";
import { checkModel, type Model } from "./network.js";
import { lossParts, roundParts } from "./round-parts.js";
import { type GroupTotal, meanLoss, meanUpdate, participantsOf, readTotals, shareWithin } from "./round-sums.js";
import { inRange } from "./range.js";
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

/** What one participant's training made of the round's model, however it was done. */
export interface LocalUpdate {
  /** The trained parameters less the round's, in their order: finite. */
  readonly update: Float64Array;
  /** Mean loss of the round's model over its rows. */
  readonly loss: number;
  /** How many rows it trained on. */
  readonly rows: number;
}

/**
 * The model of a run as its sums make it, round by round. It is the part of training together that all participants have in common, whoever trains: it makes each round's step of what
 * was trained here, and moves the model by what comes back. `trainTogether` drives it with the engine here; a trainer of the participant's own can drive it too.
 */
export class SharedModel {
  readonly #terms: TrainingTerms;
  readonly #shape: Model["shape"];
  readonly #parameters: Float32Array;
  readonly #strategy: Strategy;
  #round = 1;
  #clipNorm: number;
  #asked: readonly Part[] = [];

  /** @param start the model to begin with, the same for all; it is not changed @throws RangeError for a model or terms that cannot be used */
  constructor(start: Model, terms: TrainingTerms) {
    checkTrainingTerms(terms);
    checkModel(start);
    this.#terms = terms;
    this.#shape = start.shape;
    this.#parameters = start.parameters.slice();
    this.#strategy = strategyOf(terms.strategy, start.parameters.length);
    this.#clipNorm = terms.clip.norm;
  }

  /** The model as it is now: a copy. */
  get model(): Model {
    return { shape: this.#shape, parameters: this.#parameters.slice() };
  }

  /** Whether all rounds have been. */
  get isDone(): boolean {
    return this.#round > this.#terms.rounds;
  }

  /** Weight of the proximal term that participants train with. */
  get proximal(): number {
    return this.#strategy.proximal;
  }

  /** What this participant asks to be summed in the coming round. @throws RangeError for an update of another length, one that is not finite, since training has diverged, or rows that are no count */
  step({ update, loss, rows }: LocalUpdate): Step {
    if (update.length !== this.#parameters.length) {
      throw new RangeError(`An update of ${update.length} values does not fit ${this.#parameters.length} parameters.`);
    }
    if (firstNotFinite(update) >= 0) {
      throw new RangeError("Training diverged: the update is not finite. A lower learning rate may help.");
    }
    inRange("rows", rows, { atLeast: 0, atMost: Number.MAX_SAFE_INTEGER, whole: true });
    const weighted = update.slice();
    const isWithin = clipTo(weighted, this.#clipNorm);
    const weight = weightOf(rows, this.#terms.weighting);
    scale(weighted, weight);
    this.#asked = roundParts({ update: weighted, weight, loss, isWithin }, this.#clipNorm, this.#terms);
    return { name: `round ${this.#round}`, parts: this.#asked };
  }

  /** Moves the model by the sums of the step that was asked for last. @throws RangeError where groups are too few or too small for a robust mean */
  take(sums: readonly GroupSum[]): RoundReport {
    const { clip, robust } = this.#terms;
    const groups = readTotals(sums, this.#asked);
    const report = { round: this.#round, ...reportOf(groups), clipNorm: this.#clipNorm };
    const mean = meanUpdate(groups, robust);
    if (mean) this.#strategy.apply(this.#parameters, mean);
    else if (groups.length > 0 && !isNoised(this.#asked)) throw unusable(this.#round);
    if (clip.adaptive && groups.length > 0)
      this.#clipNorm = adaptedNorm(this.#clipNorm, shareWithin(groups, robust), clip.adaptive);
    this.#round++;
    return report;
  }

  /** One more sum, of a value or two, for the loss of the model that came out; `lossOf` reads it. */
  lossStep({ loss, rows }: Pick<LocalUpdate, "loss" | "rows">): Step {
    this.#asked = lossParts({ weight: weightOf(rows, this.#terms.weighting), loss }, this.#terms);
    return { name: "loss", parts: this.#asked };
  }

  /** The mean loss that the sums of `lossStep` say; undefined where nothing has weight. */
  lossOf(sums: readonly GroupSum[]): number | undefined {
    return meanLoss(readTotals(sums, this.#asked));
  }
}

function isNoised(parts: readonly Part[]): boolean {
  return parts.every(({ noiseVariance = 0 }) => noiseVariance > 0);
}

/** With the same model participants would add the same once more: two sums, with and without somebody, tell what that one adds. */
function unusable(round: number): RangeError {
  return new RangeError(
    `No sum of round ${round} can be used, and without noise it is not safe to add the same again.`,
  );
}

function weightOf(rows: number, weighting: Weighting): number {
  return weighting.by === "rows" ? Math.min(1, rows / weighting.mostRows) : 1;
}

function reportOf(groups: readonly GroupTotal[]) {
  return {
    participants: participantsOf(groups),
    groupsLeftOut: groups.filter(({ isPossible }) => !isPossible).length,
    loss: meanLoss(groups),
  };
}
