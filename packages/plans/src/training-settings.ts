import { Exactly, type Static, type TrainingTerms, Type, Whole } from "@aegis-pool/core";

const Rate = Type.Number({ exclusiveMinimum: 0, maximum: 10 });

/** How a round's mean update moves the model. */
export const StrategySettings = Type.Union([
  Exactly({ name: Type.Literal("fed-avg"), serverRate: Type.Optional(Rate) }),
  Exactly({
    name: Type.Literal("fed-prox"),
    proximal: Type.Number({ minimum: 0, maximum: 1_000 }),
    serverRate: Type.Optional(Rate),
  }),
  Exactly({ name: Type.Literal("fed-adam"), serverRate: Rate }),
]);
export type StrategySettings = Static<typeof StrategySettings>;

/** What is taken for the mean of groups of which some may be poisoned. */
export const RobustSettings = Type.Union([
  Exactly({ name: Type.Literal("median") }),
  Exactly({ name: Type.Literal("trimmed-mean"), trim: Whole(1, 99) }),
]);
export type RobustSettings = Static<typeof RobustSettings>;

const promised = {
  epsilon: Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }),
  delta: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  /** Standard deviation of the noise in a sum of `sharers`, over the norm that is clipped to. */
  noiseMultiplier: Type.Number({ minimum: 0.01, maximum: 1_000 }),
  /** By how many the noise is shared: the run's floor less those that may collude. */
  sharers: Whole(1, 1_000),
};

/** What every row of the data is promised. */
export const RecordPromise = Exactly({
  per: Type.Literal("record"),
  ...promised,
  /** Rows of all participants together, as far as they are public. */
  rows: Whole(1),
});
export type RecordPromise = Static<typeof RecordPromise>;

/** What every participant is promised, for all its rows together. */
export const ParticipantPromise = Exactly({
  per: Type.Literal("participant"),
  ...promised,
  /** The norm that an update is clipped to; where it adapts, in the first round. */
  clipNorm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
  /** Standard deviation of the noise in the count of updates within the norm; without it the norm stays. */
  countDeviation: Type.Optional(Type.Number({ minimum: 0.01, maximum: 1e6 })),
});
export type ParticipantPromise = Static<typeof ParticipantPromise>;

/** What both plans may ask of training. */
export const trainingSettings = {
  strategy: Type.Optional(StrategySettings),
  robust: Type.Optional(RobustSettings),
};

interface SharedSettings {
  readonly rounds: number;
  readonly mostParticipants: number;
  readonly mostRows: number;
  readonly robust?: RobustSettings;
  readonly privacy?: RecordPromise | ParticipantPromise;
}

/** The largest norm of an update, where nothing is noised: it bounds what one that is poisoned can do. */
const plainNorm = 10;

/** What training means in both plans: all but the strategy and what each does by itself. */
export function sharedTerms(settings: SharedSettings): Omit<TrainingTerms, "strategy" | "local"> {
  const { rounds, mostParticipants, mostRows, robust, privacy } = settings;
  const common = { rounds, mostParticipants, ...(robust && { robust }) };
  if (privacy?.per !== "participant") {
    return { ...common, weighting: { by: "rows", mostRows }, clip: { norm: plainNorm } };
  }
  const { noiseMultiplier, sharers, clipNorm, countDeviation } = privacy;
  const clip = { norm: clipNorm, ...(countDeviation !== undefined && { adaptive: { countDeviation } }) };
  return { ...common, weighting: { by: "participant" }, clip, privacy: { noiseMultiplier, sharers } };
}
