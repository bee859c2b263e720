import type { Primitives } from "../../privacy/primitives.js";
import { ascii } from "../../shared/bytes.js";
import { leafHash } from "../../shared/merkle.js";
import { MerkleAccumulator } from "../../shared/merkle-accumulator.js";
import { availabilityRewards } from "../availability.js";
import type { AvailableLine, EpochHeader, EpochRow } from "./lines.js";
import { idOfRow, readParameters, sharesOf } from "./lines.js";
import { OperatorSums } from "./operator-sums.js";

/** An agent's part in an epoch, before it is known what that is worth. */
export type Attendance = Omit<AvailableLine, "amount">;

/** What an epoch's statement says of its lines. */
export interface BuiltEpoch {
  readonly lines: number;
  readonly root: Uint8Array;
  /** nAIS. */
  readonly issued: bigint;
  readonly earned: bigint;
}

/** Writes an epoch's public file, line by line: the same rows give the same bytes, so that a pool which was killed half-way begins again. */
export class EpochBuilder {
  readonly #header: EpochHeader;
  readonly #primitives: Primitives;
  readonly #tree: MerkleAccumulator;
  readonly #sums: OperatorSums;

  /** @param before nAIS that each operator had earned before, by key in hexadecimal */
  constructor(header: EpochHeader, before: ReadonlyMap<string, bigint>, primitives: Primitives) {
    this.#header = header;
    this.#primitives = primitives;
    this.#tree = new MerkleAccumulator(primitives);
    this.#sums = new OperatorSums(before);
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

  /** All tasks that were paid, then all held results that were settled, each kind at once: it is sorted here. */
  *rows(all: readonly EpochRow[]): Generator<string> {
    for (const row of all.toSorted((one, other) => (idOfRow(one) < idOfRow(other) ? -1 : 1))) {
      this.#sums.add(row);
      yield this.#line(row);
    }
  }

  /** nAIS that are issued to each operator, by key in hexadecimal; nothing to nobody. */
  get issued(): ReadonlyMap<string, bigint> {
    return this.#sums.issued;
  }

  /** nAIS that each operator has earned in all, by key in hexadecimal. */
  get totals(): ReadonlyMap<string, bigint> {
    return new Map(this.#sums.totals().map(({ operator, earned }) => [operator, BigInt(earned)]));
  }

  /** The last lines: what each operator has earned in all. */
  *end(): Generator<string> {
    for (const operator of this.#sums.totals()) yield this.#line(operator);
  }

  /** What is to be signed, after the last line. */
  built(): BuiltEpoch {
    return { lines: this.#tree.size, root: this.#tree.root(), ...this.#sums.inEpoch };
  }

  #line(value: object): string {
    const text = JSON.stringify(value);
    this.#tree.add(leafHash(ascii(text), this.#primitives));
    return text;
  }
}
