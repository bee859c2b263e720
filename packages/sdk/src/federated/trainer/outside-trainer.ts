import {
  AegisError,
  type ErrorCode,
  networkTensors,
  type OutsideRound,
  type OutsideTrainer,
  type TrainingTerms,
} from "@aegis-pool/core";
import { measureByTrainer, runTrainer, type Trainer, type TrainerRound } from "./trainer.js";

/** How a trainer is handled during a run. */
export interface OutsideTrainerOptions {
  /**
   * Asked when the trainer has failed, for whichever reason but `signal`: whether the round is to be tried again, for example after its owner has looked at it.
   * Default: no.
   */
  readonly tryAgain?: (failure: AegisError) => boolean | Promise<boolean>;
  /** Ends the trainer, and the run with it. */
  readonly signal?: AbortSignal | undefined;
}

/** What the trainer can be cured of while the run waits. */
const curable: ReadonlySet<ErrorCode> = new Set(["trainer-failed", "trainer-timeout", "update-refused"]);

/**
 * A participant's own program as what `trainOutside` trains with. In `round.json` it finds the run's terms of local training, with the network's `widths`,
 * `activation` and the weight of the `proximal` term.
 */
export function outsideTrainer(
  trainer: Trainer,
  terms: TrainingTerms,
  { tryAgain = () => false, signal }: OutsideTrainerOptions = {},
): OutsideTrainer {
  const roundOf = ({ round, model, proximal }: OutsideRound): TrainerRound => {
    return { round, model: networkTensors(model), terms: { ...model.shape, ...terms.local, proximal } };
  };
  return {
    train: async (round) => {
      const { update, metrics } = await again(() => runTrainer(trainer, roundOf(round), signal), tryAgain);
      return { update: Float64Array.from(update), loss: metrics.loss, rows: metrics.rows };
    },
    measure: (round) => again(() => measureByTrainer(trainer, roundOf(round), signal), tryAgain),
  };
}

async function again<Result>(
  run: () => Promise<Result>,
  tryAgain: (failure: AegisError) => boolean | Promise<boolean>,
): Promise<Result> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof AegisError && curable.has(error.code)) || !(await tryAgain(error))) throw error;
    }
  }
}
