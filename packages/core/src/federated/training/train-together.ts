import type { Procedure } from "../procedure.js";
import { LocalTrainer } from "./local-trainer.js";
import type { Model, NetworkShape } from "./network.js";
import { PrivateTrainer } from "./private-trainer.js";
import { sendsLoss } from "./round-parts.js";
import type { LabelledRows } from "./rows.js";
import { type RoundReport, SharedModel } from "./shared-model.js";
import type { TrainingTerms } from "./terms.js";

/** A model that participants trained together. */
export interface TrainedTogether {
  readonly model: Model;
  /** Of the model, as in a round's report. */
  readonly loss: number | undefined;
  readonly rounds: readonly RoundReport[];
}

/** What is done between rounds, such as measuring: a procedure that asks all participants for the same. @param model as the round left it */
export type AfterRound = (report: RoundReport, model: Model) => Procedure<void>;

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
 * @param afterRound runs after each round; nothing by default
 * @throws RangeError for terms or rows that cannot be used, where training here diverges, which no sum could make good, and where groups are too few for a robust mean
 */
export function* trainTogether(
  rows: LabelledRows,
  start: Model,
  terms: TrainingTerms,
  random: TrainingRandomness,
  afterRound?: AfterRound,
): Procedure<TrainedTogether> {
  const shared = new SharedModel(start, terms);
  const local = localOf(start.shape, rows, terms, shared.proximal, random);
  const count = rows.labels.length;
  const rounds: RoundReport[] = [];
  while (!shared.isDone) {
    const { parameters } = shared.model;
    const said = { loss: local.meanLoss(parameters), update: updateOf(local, parameters), rows: count };
    const report = shared.take(yield shared.step(said));
    rounds.push(report);
    if (afterRound) yield* afterRound(report, shared.model);
  }
  const { model } = shared;
  if (!sendsLoss(terms)) return { model, loss: undefined, rounds };
  const last = shared.lossStep({ loss: local.meanLoss(model.parameters), rows: count });
  return { model, loss: shared.lossOf(yield last), rounds };
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
  terms: TrainingTerms,
  proximal: number,
  { uniform, normal }: TrainingRandomness,
): Local {
  const { local } = terms;
  if (!("samplingRate" in local)) {
    const trainer = new LocalTrainer(shape, rows, { ...local, proximal });
    return {
      train: (parameters) => void trainer.train(parameters, uniform),
      meanLoss: (parameters) => (sendsLoss(terms) ? trainer.meanLoss(parameters) : 0),
    };
  }
  if (!normal) throw new RangeError("DP-SGD needs a source of normal noise: `random.normal` is missing.");
  if (proximal > 0) {
    throw new RangeError("FedProx and DP-SGD do not go together: its term is not in the clipped gradients.");
  }
  const trainer = new PrivateTrainer(shape, rows, local, normal);
  return { train: (parameters) => trainer.train(parameters, uniform), meanLoss: () => 0 };
}

/** How far this participant's own training goes from `parameters`. */
function updateOf(local: Local, parameters: Float32Array): Float64Array {
  const trained = parameters.slice();
  local.train(trained);
  const update = new Float64Array(trained.length);
  for (let at = 0; at < update.length; at++) update[at] = trained[at]! - parameters[at]!;
  return update;
}
