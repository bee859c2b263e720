import { AegisError, Bytes, Check, Exactly, type Static, Text, Type, Whole } from "@aegis-pool/core";
import type { CreditSchema } from "@aegis-pool/workload-credit";
import { ParticipantPromise, RecordPromise, trainingSettings } from "./training-settings.js";

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
  ...trainingSettings,
  /** With strategies that average: what each does in a round. Without it, one step over all of its rows. */
  local: Type.Optional(
    Exactly({ epochs: Whole(1, 10_000), learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }) }),
  ),
  /** The model is measured after so many rounds, and once more after so many. Without it, at the end alone. */
  measureEvery: Type.Optional(Whole(1, 5_000)),
  /** What is promised of a record or of a participant, where it is. */
  privacy: Type.Optional(Type.Union([RecordPromise, ParticipantPromise])),
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
