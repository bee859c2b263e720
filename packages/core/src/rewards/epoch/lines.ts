import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Amount, Exactly, Instant, Whole } from "../../shared/schema.js";
import type { RewardShares } from "../availability.js";
import type { RewardParameters } from "../parameters.js";

/**
 * An epoch's public file: lines of JSON as JSON.stringify writes them, rows of each kind in the order of their ids: in the order in which tasks were paid, those of
 * one job would stand together. Whoever has a line's bytes has its leaf in the tree whose root the pool signs.
 */
const Hash = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** How the epoch's money follows: with what parameters, of what budget, after which epoch. */
export const EpochHeader = Exactly({
  epoch: Whole(),
  start: Instant,
  end: Instant,
  /** The pool's Ed25519 key. */
  pool: Hash,
  /** When the pool's first epoch began. */
  genesis: Instant,
  /** SHA-256 of the body of the signed statement of the epoch before; 64 zeros for the first. */
  previous: Hash,
  /** nAIS per SCU-second. */
  referencePrice: Whole(1),
  /** nAIS that the epoch may issue. */
  budget: Amount,
  /** µSCU-seconds of all that were connected with a proven speed, whether they count or not; in decimal. */
  connected: Amount,
  parameters: Exactly({
    emission: Amount,
    halvingMs: Whole(1),
    mostPerUnitMonth: Amount,
    monthHours: Whole(1),
    epochMs: Whole(1),
    mostPricePercent: Whole(),
    priceStepPercent: Whole(),
    leastTakenPercent: Whole(),
  }),
});
export type EpochHeader = Static<typeof EpochHeader>;

/** An agent was available: which one, only who has the salt of this id can tell. */
export const AvailableLine = Exactly({
  available: Hash,
  operator: Hash,
  /** µSCU-seconds that count. */
  units: Whole(),
  /** nAIS that are issued for it. */
  amount: Amount,
});
export type AvailableLine = Static<typeof AvailableLine>;

/** A task was paid: SHA-256 of the receipt's body names it, which only those know who have the receipt. */
export const WorkLine = Exactly({
  work: Hash,
  operator: Hash,
  /** µSCU-seconds. */
  units: Whole(),
  /** nAIS per SCU-second. */
  price: Whole(1),
  /** nAIS that its operator got. */
  amount: Amount,
});
export type WorkLine = Static<typeof WorkLine>;

/** A held result was settled: SHA-256 of the settlement's body names it. What was withheld or given back is not in the amount. */
export const SettledLine = Exactly({ settled: Hash, operator: Hash, amount: Amount });
export type SettledLine = Static<typeof SettledLine>;

/** What an operator has earned in all epochs up to this one, in nAIS. */
export const OperatorLine = Exactly({ operator: Hash, earned: Amount });
export type OperatorLine = Static<typeof OperatorLine>;

export type EpochRow = AvailableLine | WorkLine | SettledLine;

/** What a row is about, in hexadecimal. */
export function idOfRow(row: EpochRow): string {
  if ("available" in row) return row.available;
  return "work" in row ? row.work : row.settled;
}

const header = Compile(EpochHeader);
const available = Compile(AvailableLine);
const work = Compile(WorkLine);
const settled = Compile(SettledLine);
const operator = Compile(OperatorLine);

/** What a line says, by its kind. */
export type EpochLine =
  | { readonly kind: "header"; readonly header: EpochHeader }
  | { readonly kind: "available"; readonly row: AvailableLine }
  | { readonly kind: "work"; readonly row: WorkLine }
  | { readonly kind: "settled"; readonly row: SettledLine }
  | { readonly kind: "operator"; readonly row: OperatorLine };

/** Reads a line; undefined where it is none, or not as JSON.stringify writes it. */
export function readEpochLine(text: string): EpochLine | undefined {
  const value = parsed(text);
  if (value === undefined || JSON.stringify(value) !== text) return undefined;
  if (header.Check(value)) return { kind: "header", header: value };
  if (available.Check(value)) return { kind: "available", row: value };
  if (work.Check(value)) return { kind: "work", row: value };
  if (settled.Check(value)) return { kind: "settled", row: value };
  return operator.Check(value) ? { kind: "operator", row: value } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What an epoch's rewards are shared from, as its header states it. */
export function sharesOf({ budget, connected }: Pick<EpochHeader, "budget" | "connected">): RewardShares {
  return { budget: BigInt(budget), connected: BigInt(connected) };
}

/** Parameters as a header states them. */
export function writtenParameters(parameters: RewardParameters): EpochHeader["parameters"] {
  const { emission, mostPerUnitMonth, ...rest } = parameters;
  return { ...rest, emission: String(emission), mostPerUnitMonth: String(mostPerUnitMonth) };
}

/** Parameters as a header states them, for who recomputes. */
export function readParameters(written: EpochHeader["parameters"]): RewardParameters {
  const { emission, mostPerUnitMonth, ...rest } = written;
  return { ...rest, emission: BigInt(emission), mostPerUnitMonth: BigInt(mostPerUnitMonth) };
}
