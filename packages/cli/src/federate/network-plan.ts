import {
  AegisError,
  Check,
  Exactly,
  type GroupSum,
  initialModel,
  type LabelledRows,
  type LocalUpdate,
  LocalTrainer,
  type Model,
  networkTensors,
  parameterCount,
  RandomWords,
  seededUniform,
  SharedModel,
  type Static,
  type Step,
  type TrainingTerms,
  Type,
  Whole,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { runTrainer, type Trainer } from "@aegis-pool/sdk";

/** What the plan "network" is made of: any numbers, and an answer of 0 or 1. */
export const NetworkSettings = Exactly({
  /** Columns, hidden layers, then 1. */
  widths: Type.Array(Whole(1, 65_536), { minItems: 2, maxItems: 10 }),
  activation: Type.Enum(["relu", "tanh"]),
  rounds: Whole(1, 10_000),
  /** What each does in a round; passed on to trainers as it is. */
  epochs: Whole(1, 10_000),
  batchRows: Whole(1, 1_048_576),
  learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }),
  mostParticipants: Whole(1, 1_000),
  mostRows: Whole(1, 2 ** 31),
  seed: Whole(0, 2 ** 32 - 1),
});
export type NetworkSettings = Static<typeof NetworkSettings>;

/** What trains in a round: rows with the engine here, a program of the participant's own, or, for who observes, nothing. */
export type NetworkPart =
  | { readonly rows: LabelledRows }
  | { readonly trainer: Trainer; readonly signal: AbortSignal }
  | undefined;

/** The settings in a plan, whoever made it. @throws {AegisError} `bad-argument` */
export function readNetworkSettings(settings: unknown): NetworkSettings {
  if (Check(NetworkSettings, settings) && settings.widths.at(-1) === 1) return settings;
  throw new AegisError({
    code: "bad-argument",
    message: "The invitation's plan is not one for a network that is known here.",
    next: "Ask the run's owner for the version of aegis that made it.",
  });
}

/** Values of one sum: the update, its weight and its loss. */
export function valuesOfNetwork({ widths, activation }: Pick<NetworkSettings, "widths" | "activation">): number {
  return parameterCount({ widths, activation }) + 2;
}

/** Trains a network over all participants' rows, whoever trains it here. */
export async function* networkProcedure(
  settings: NetworkSettings,
  part: NetworkPart,
): AsyncGenerator<Step, Model, readonly GroupSum[]> {
  const { widths, activation, seed } = settings;
  const shared = new SharedModel(initialModel({ widths, activation }, seededUniform(seed)), trainingTerms(settings));
  const train = trainerOf(settings, part);
  for (let round = 1; !shared.isDone; round++) shared.take(yield shared.step(await train(shared.model, round)));
  return shared.model;
}

function trainerOf(
  settings: NetworkSettings,
  part: NetworkPart,
): (model: Model, round: number) => Promise<LocalUpdate> {
  if (!part) {
    return ({ parameters }) => Promise.resolve({ update: new Float64Array(parameters.length), loss: 0, rows: 0 });
  }
  return "rows" in part ? byEngine(settings, part.rows) : byProgram(settings, part.trainer, part.signal);
}

function byEngine(settings: NetworkSettings, rows: LabelledRows) {
  const { widths, activation } = settings;
  const trainer = new LocalTrainer({ widths, activation }, rows, localTerms(settings));
  const words = new RandomWords((length) => primitives.randomBytes(length));
  return ({ parameters }: Model): Promise<LocalUpdate> => {
    const loss = trainer.meanLoss(parameters);
    const trained = parameters.slice();
    trainer.train(trained, () => words.uniform());
    const update = Float64Array.from(trained, (value, at) => value - (parameters[at] ?? 0));
    return Promise.resolve({ update, loss, rows: rows.labels.length });
  };
}

function byProgram(settings: NetworkSettings, trainer: Trainer, signal: AbortSignal) {
  const { epochs, batchRows, learningRate, activation } = settings;
  const terms = { epochs, batchRows, learningRate, activation };
  return async (model: Model, round: number): Promise<LocalUpdate> => {
    const trained = await runTrainer(trainer, { round, terms, model: networkTensors(model) }, signal);
    const { loss, rows } = trained.metrics;
    return { update: Float64Array.from(trained.update), loss, rows };
  };
}

function localTerms({ epochs, batchRows, learningRate }: NetworkSettings) {
  return { optimiser: { name: "sgd", learningRate } as const, epochs, batchRows };
}

function trainingTerms(settings: NetworkSettings): TrainingTerms {
  const { rounds, mostParticipants, mostRows } = settings;
  return {
    rounds,
    mostParticipants,
    strategy: { name: "fed-avg" },
    local: localTerms(settings),
    weighting: { by: "rows", mostRows },
    clip: { norm: 10 },
  };
}
