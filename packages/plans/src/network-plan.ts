import {
  AegisError,
  Check,
  Exactly,
  initialModel,
  type LabelledRows,
  type Model,
  type OutsideTrainer,
  parameterCount,
  RandomWords,
  seededUniform,
  type Static,
  type TrainedTogether,
  type TrainingTerms,
  trainOutside,
  trainTogether,
  Type,
  Whole,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { AnyProcedure } from "@aegis-pool/sdk";
import { ParticipantPromise, sharedTerms, trainingSettings } from "./training-settings.js";

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
  ...trainingSettings,
  /** What is promised of a participant, where it is. */
  privacy: Type.Optional(ParticipantPromise),
});
export type NetworkSettings = Static<typeof NetworkSettings>;

/** What trains in a round: rows with the engine here, a program of the participant's own, or, for who observes, nothing. */
export type NetworkPart =
  | { readonly rows: LabelledRows }
  | { readonly outside: (terms: TrainingTerms) => OutsideTrainer }
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

/** Trains a network over all participants' rows, whoever trains it here: all ask for the same sums. */
export function networkProcedure(settings: NetworkSettings, part: NetworkPart): AnyProcedure<TrainedTogether> {
  const { start, terms } = networkTraining(settings);
  if (part && "outside" in part) return trainOutside(part.outside(terms), start, terms);
  const words = new RandomWords((length) => primitives.randomBytes(length));
  const none = { values: new Float32Array(0), labels: new Float32Array(0), columns: settings.widths[0] ?? 0 };
  return trainTogether(part?.rows ?? none, start, terms, { uniform: () => words.uniform() });
}

/** The model that training begins with, and what all agree on. */
export function networkTraining(settings: NetworkSettings): { start: Model; terms: TrainingTerms } {
  const { widths, activation, seed, epochs, batchRows, learningRate, strategy = { name: "fed-avg" } } = settings;
  const local = { optimiser: { name: "sgd", learningRate }, epochs, batchRows } as const;
  return {
    start: initialModel({ widths, activation }, seededUniform(seed)),
    terms: { ...sharedTerms(settings), strategy, local },
  };
}
