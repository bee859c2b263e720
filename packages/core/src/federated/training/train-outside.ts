import type { GroupSum, Step } from "../procedure.js";
import type { Model } from "./network.js";
import { sendsLoss } from "./round-parts.js";
import { type LocalUpdate, type RoundReport, SharedModel } from "./shared-model.js";
import type { TrainingTerms } from "./terms.js";
import type { TrainedTogether } from "./train-together.js";

/** What a trainer is to work on. */
export interface OutsideRound {
  /** From 1; measuring the last model comes as one more. */
  readonly round: number;
  readonly model: Model;
  /** Weight of half the squared distance from the round's model in what is minimised; 0 but for FedProx. */
  readonly proximal: number;
}

/** What trains outside this engine, such as a program of the participant's own: it takes time, and rejects where it fails. */
export interface OutsideTrainer {
  train(round: OutsideRound): Promise<LocalUpdate>;
  /** The mean loss of a model over the participant's rows. */
  measure(round: OutsideRound): Promise<Pick<LocalUpdate, "loss" | "rows">>;
}

/** A procedure whose part at one participant takes time: its steps are those of the {@link Procedure} that others run. */
export type SlowProcedure<Result> = AsyncGenerator<Step, Result, readonly GroupSum[]>;

/**
 * As `trainTogether`, for a participant who trains outside: it asks for the same steps, so both can be in one run, and ends with the same model. A trainer that
 * rejects ends it; who wants to try a round again does so within `train`.
 *
 * @param start the model to begin with, the same for all
 * @throws RangeError as `trainTogether`, for an update that does not fit or is not finite, and for terms of DP-SGD: nobody could tell that an outside trainer keeps them
 */
export async function* trainOutside(
  trainer: OutsideTrainer,
  start: Model,
  terms: TrainingTerms,
): SlowProcedure<TrainedTogether> {
  if ("samplingRate" in terms.local) {
    throw new RangeError("A run that protects each row by DP-SGD cannot be joined with a trainer of your own.");
  }
  const shared = new SharedModel(start, terms);
  const rounds: RoundReport[] = [];
  const roundNow = (): OutsideRound => {
    return { round: rounds.length + 1, model: shared.model, proximal: shared.proximal };
  };
  while (!shared.isDone) rounds.push(shared.take(yield shared.step(await trainer.train(roundNow()))));
  const { model } = shared;
  if (!sendsLoss(terms)) return { model, loss: undefined, rounds };
  return { model, loss: shared.lossOf(yield shared.lossStep(await trainer.measure(roundNow()))), rounds };
}
