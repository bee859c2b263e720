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
/** 20 bytes, of which not all are zero. */
const Address = Type.String({ pattern: "^(?!0{40}$)[0-9a-f]{40}$" });

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

/** What an operator had free went to its payout address, where it can be claimed on chain. */
export const PayoutLine = Exactly({
  /** The operator. */
  payout: Hash,
  address: Address,
  /** nAIS. */
  amount: Amount,
});
export type PayoutLine = Static<typeof PayoutLine>;

/** What an operator has earned in all epochs up to this one, and what of it was paid out to addresses, in nAIS. */
export const OperatorLine = Exactly({ operator: Hash, earned: Amount, paidOut: Amount });
export type OperatorLine = Static<typeof OperatorLine>;

/** What an address can claim on chain, with what it has claimed: all that was ever paid out to it, in nAIS. A leaf of the claims tree. */
export const AddressLine = Exactly({ address: Address, claimable: Amount });
export type AddressLine = Static<typeof AddressLine>;

export type EpochRow = AvailableLine | WorkLine | SettledLine;

/** What a row is about, in hexadecimal. */
export function idOfRow(row: EpochRow): string {
  if ("available" in row) return row.available;
  return "work" in row ? row.work : row.settled;
}

/** What the lines of a kind are in order of: no two have the same. */
export function nameOfLine({ row }: Exclude<EpochLine, { readonly kind: "header" }>): string {
  if ("payout" in row) return row.payout;
  if ("earned" in row) return row.operator;
  return "address" in row ? row.address : idOfRow(row);
}

const header = Compile(EpochHeader);
const available = Compile(AvailableLine);
const work = Compile(WorkLine);
const settled = Compile(SettledLine);
const payout = Compile(PayoutLine);
const operator = Compile(OperatorLine);
const address = Compile(AddressLine);

/** What a line says, by its kind. */
export type EpochLine =
  | { readonly kind: "header"; readonly header: EpochHeader }
  | { readonly kind: "available"; readonly row: AvailableLine }
  | { readonly kind: "work"; readonly row: WorkLine }
  | { readonly kind: "settled"; readonly row: SettledLine }
  | { readonly kind: "payout"; readonly row: PayoutLine }
  | { readonly kind: "operator"; readonly row: OperatorLine }
  | { readonly kind: "address"; readonly row: AddressLine };

/** Reads a line; undefined where it is none, or not as JSON.stringify writes it. */
export function readEpochLine(text: string): EpochLine | undefined {
  const value = parsed(text);
  if (value === undefined || JSON.stringify(value) !== text) return undefined;
  if (header.Check(value)) return { kind: "header", header: value };
  if (available.Check(value)) return { kind: "available", row: value };
  if (work.Check(value)) return { kind: "work", row: value };
  if (settled.Check(value)) return { kind: "settled", row: value };
  if (payout.Check(value)) return { kind: "payout", row: value };
  if (operator.Check(value)) return { kind: "operator", row: value };
  return address.Check(value) ? { kind: "address", row: value } : undefined;
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
