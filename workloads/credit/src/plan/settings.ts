import {
  AegisError,
  Bytes,
  chargeBudget,
  Check,
  Exactly,
  noiseMultiplierFor,
  openBudget,
  type PrivacyBudget,
  type Static,
  Text,
  Type,
  Whole,
} from "@aegis-pool/core";
import type { CreditSchema } from "../csv.js";

const Name = Text(128);
const mostColumns = 1_000;
const Range = { low: Type.Number(), high: Type.Number() };
const Columns = Type.Array(
  Type.Union([
    Exactly({ name: Name, kind: Type.Literal("number"), ...Range }),
    Exactly({ name: Name, kind: Type.Literal("money"), ...Range }),
    Exactly({ name: Name, kind: Type.Literal("category"), names: Type.Array(Name, { maxItems: 1_000 }) }),
  ]),
  { minItems: 1, maxItems: mostColumns },
);

/** A file of applicants, as `--schema FILE.json` describes it and as a plan carries it. */
const Schema = Exactly({
  name: Name,
  columns: Columns,
  label: Exactly({ column: Name, bad: Name, good: Name }),
});

/** What the plan "credit" is made of: public to all participants, unknown to the pool. */
export const CreditSettings = Exactly({
  schema: Schema,
  model: Type.Enum(["lr", "mlp", "trees"]),
  /** Rounds of training; of trees: trees. */
  rounds: Whole(1, 5_000),
  /** Widths of hidden layers, of `mlp`. */
  hidden: Type.Array(Whole(1, 4_096), { maxItems: 8 }),
  /** Participants in one sum at most, and rows of one participant at most. */
  mostParticipants: Whole(1, 1_000),
  mostRows: Whole(1, 2 ** 31),
  /** Names of categories travel as salted hashes. */
  salt: Bytes(16),
  /** Of the model that training begins with. */
  seed: Whole(0, 2 ** 32 - 1),
  /** What a record of the data is promised, where it is. */
  privacy: Type.Optional(
    Exactly({
      epsilon: Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }),
      delta: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      noiseMultiplier: Type.Number({ exclusiveMinimum: 0 }),
      /** By how many the noise is shared: the run's floor less those that may collude. */
      sharers: Whole(1, 1_000),
      /** Of all participants together, as far as it is public. */
      rows: Whole(1),
    }),
  ),
});
export type CreditSettings = Static<typeof CreditSettings>;

/** The settings in a plan, whoever made it. @throws {AegisError} `bad-argument` */
export function readCreditSettings(settings: unknown): CreditSettings {
  if (Check(CreditSettings, settings)) return settings;
  throw new AegisError({
    code: "bad-argument",
    message: "The invitation's plan is not one for credit scoring that is known here.",
    next: "Ask the run's owner for the version of aegis that made it.",
  });
}

/** The schema in a JSON file's text. @throws {AegisError} `bad-argument` */
export function readSchema(text: string, path: string): CreditSchema {
  try {
    const schema: unknown = JSON.parse(text);
    if (Check(Schema, schema)) return { ...schema, columns: schema.columns };
  } catch {
    // no JSON: the same answer as for another form
  }
  throw new AegisError({
    code: "bad-argument",
    message: `${path} describes no file of applicants.`,
    next: 'Give JSON such as {"name":"mine","columns":[{"name":"age","kind":"number","low":18,"high":90}],"label":{"column":"default","bad":"1","good":"0"}}.',
  });
}

/** Noise for which a record keeps the promise over so many steps, all records being in each. */
export function noiseFor(steps: number, target: { readonly epsilon: number; readonly delta: number }): number {
  return noiseMultiplierFor({ samplingRate: 1, steps }, target);
}

/**
 * Holds a plan's noise to the run that it is for: shares of noise that are not in a sum hide nothing.
 * @param floor participants of the smallest sum that is released
 * @returns how many participants may collude and the promise still holds
 * @throws {AegisError} `budget-exceeded` where the noise is shared by more than a sum may have
 */
export function mayCollude({ sharers }: NonNullable<CreditSettings["privacy"]>, floor: number): number {
  if (sharers <= floor) return floor - sharers;
  throw new AegisError({
    code: "budget-exceeded",
    message: `The plan shares its noise among ${sharers} participants, and the run releases sums of ${floor}: they would have less noise than is promised.`,
    next: "Do not join this run; tell its owner.",
  });
}

/**
 * The budget of a run with all of its releases charged, worked out by whoever joins it; undefined for a run that promises no privacy.
 * @throws {AegisError} `budget-exceeded` where its noise is too little for what it promises
 */
export function chargedBudget({ privacy, rounds }: CreditSettings, steps = rounds): PrivacyBudget | undefined {
  if (!privacy) return undefined;
  const { epsilon, delta, noiseMultiplier } = privacy;
  const budget = openBudget({ epsilon, delta, per: "record" });
  if (steps === 0) return budget;
  const mechanism = { kind: "gaussian", noiseMultiplier, samplingRate: 1 } as const;
  const charged = chargeBudget(budget, { name: "gradient", mechanism, per: "record", times: steps });
  if (typeof charged !== "string") return charged;
  throw new AegisError({
    code: "budget-exceeded",
    message: `The plan promises epsilon ${epsilon} at delta ${delta} per record, and ${steps} steps with noise of ${noiseMultiplier} do not keep it.`,
    next: "Do not join this run; tell its owner.",
  });
}
