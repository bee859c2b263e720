import { ascii } from "../../shared/bytes.js";
import { leafHash } from "../../shared/merkle.js";
import { MerkleAccumulator } from "../../shared/merkle-accumulator.js";
import { availabilityRewards } from "../availability.js";
import { EpochSums, type EpochPrimitives, type EpochTotals, type StatedSums } from "./epoch-sums.js";
import type { AvailableLine, EpochHeader, EpochRow, PayoutLine } from "./lines.js";
import { idOfRow, readParameters, sharesOf } from "./lines.js";

/** An agent's part in an epoch, before it is known what that is worth. */
export type Attendance = Omit<AvailableLine, "amount">;

/** What an epoch's statement says of its lines and its money. */
export interface BuiltEpoch extends StatedSums {
  readonly lines: number;
  readonly root: Uint8Array;
}

/**
 * Writes an epoch's public file, line by line: the same rows give the same bytes, so that a pool which was killed half-way begins again.
 * In this order: `begin`, `sortedRows` of tasks, `rows` of settled results, `payouts`, `operators`, `addresses`.
 */
export class EpochBuilder {
  readonly #header: EpochHeader;
  readonly #primitives: EpochPrimitives;
  readonly #tree: MerkleAccumulator;
  readonly #sums: EpochSums;

  /** @param before what stood at the end of the epoch before */
  constructor(header: EpochHeader, before: EpochTotals, primitives: EpochPrimitives) {
    this.#header = header;
    this.#primitives = primitives;
    this.#tree = new MerkleAccumulator(primitives);
    this.#sums = new EpochSums(before);
  }

  /** The file's first lines: how it is reckoned, and what is issued to whom. */
  *begin(attendances: readonly Attendance[]): Generator<string> {
    yield this.#line(this.#header);
    const { budget, connected, parameters } = this.#header;
    const units = attendances.map((attendance) => attendance.units);
    const amounts = availabilityRewards(units, sharesOf({ budget, connected }), readParameters(parameters));
    const named = attendances.map(({ available, operator }, at) => ({ available, operator, units: units[at] ?? 0 }));
    yield* this.rows(named.map((attendance, at) => ({ ...attendance, amount: String(amounts[at]) })));
  }

  /** All held results that were settled, in whatever order. */
  *rows(all: readonly EpochRow[]): Generator<string> {
    yield* this.sortedRows(inOrder(all, idOfRow));
  }

  /** All tasks that were paid, in the order of their ids: there may be too many to be kept here. */
  *sortedRows(all: Iterable<EpochRow>): Generator<string> {
    for (const row of all) {
      this.#sums.add(row);
      yield this.#line(row);
    }
  }

  /** nAIS that are issued to each operator, by key in hexadecimal; nothing to nobody. */
  get issued(): ReadonlyMap<string, bigint> {
    return this.#sums.issued;
  }

  /** nAIS that each operator has earned in this epoch, by key in hexadecimal. */
  get earned(): ReadonlyMap<string, bigint> {
    return this.#sums.earned;
  }

  /** nAIS that each operator may be paid out at most, by key in hexadecimal: what it has earned, in this epoch too, and was not paid out. */
  get payable(): ReadonlyMap<string, bigint> {
    return this.#sums.payable();
  }

  /** What is paid out to addresses at the end of the epoch, one row for an operator at most. */
  *payouts(all: readonly PayoutLine[]): Generator<string> {
    for (const row of inOrder(all, ({ payout }) => payout)) {
      this.#sums.payOut(row);
      yield this.#line(row);
    }
  }

  /** What stands at the end of this epoch, after its last payout. */
  get totals(): EpochTotals {
    return this.#sums.reckoned();
  }

  /** What each operator has earned in all, and what of it was paid out. */
  *operators(): Generator<string> {
    const { earned, paidOut } = this.totals;
    for (const [operator, amount] of earned) {
      yield this.#line({ operator, earned: String(amount), paidOut: String(paidOut.get(operator) ?? 0n) });
    }
  }

  /** The last lines: what each address can claim. */
  *addresses(): Generator<string> {
    for (const [address, amount] of this.totals.claimable) yield this.#line({ address, claimable: String(amount) });
  }

  /** What is to be signed, after the last line: little by little, since the claims tree takes its time. */
  *building(): Generator<undefined, BuiltEpoch> {
    const sums = yield* this.#sums.inStatement(this.#primitives);
    return { lines: this.#tree.size, root: this.#tree.root(), ...sums };
  }

  #line(value: object): string {
    const text = JSON.stringify(value);
    this.#tree.add(leafHash(ascii(text), this.#primitives));
    return text;
  }
}

function inOrder<Row>(rows: readonly Row[], id: (row: Row) => string): Row[] {
  return rows.toSorted((one, other) => (id(one) < id(other) ? -1 : 1));
}
