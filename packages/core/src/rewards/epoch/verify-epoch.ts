import { chargeOf } from "../../market/charge.js";
import { epochStatement, type EpochStatement } from "../../protocol/statements/epoch.js";
import { ascii, equalBytes, fromHex, toHex } from "../../shared/bytes.js";
import { leafHash } from "../../shared/merkle.js";
import { MerkleAccumulator } from "../../shared/merkle-accumulator.js";
import { openStatement, type Signed } from "../../shared/signed.js";
import { availabilityRewards } from "../availability.js";
import { epochBudget, epochOf } from "../emission.js";
import { unfitParameter } from "../parameters.js";
import { type EpochPrimitives, EpochSums, type EpochTotals } from "./epoch-sums.js";
import { type EpochHeader, type EpochLine, nameOfLine, readEpochLine, readParameters, sharesOf } from "./lines.js";

/** Why an epoch's file is not what its pool has signed, or does not follow from itself. */
export type EpochMismatch =
  /** A line is none, or comes where it must not. */
  | "line"
  /** A receipt, a settlement, an agent, an operator or an address is there twice. */
  | "doubled"
  /** Its beginning, end or budget does not follow from its parameters. */
  | "header"
  /** The pool has not signed it, or another file. */
  | "signature"
  | "root"
  /** What is issued does not follow from the units and the budget. */
  | "availability"
  /** A task's amount is not its work at its price, less the fee. */
  | "work"
  /** What an operator has earned or was paid out is not the sum of its lines and of what was before, or it was paid out more than it has earned. */
  | "operator"
  /** What an address can claim is not the sum of what was paid out to it, or the claims tree is not of that. */
  | "claims"
  /** It does not follow the epoch before it. */
  | "previous";

/** Where a file is wrong: at which of its lines, from 1; 0: as a whole. */
export interface EpochRefusal {
  readonly mismatch: EpochMismatch;
  readonly line: number;
}

/** An epoch that is as its pool has signed it, and follows from its own lines. */
export interface VerifiedEpoch {
  readonly header: EpochHeader;
  readonly statement: EpochStatement;
  /** SHA-256 of the statement's body: what the next epoch names. */
  readonly id: Uint8Array;
  /** What operators have earned, and addresses can claim, in all epochs up to this one. */
  readonly totals: EpochTotals;
  /** What its rows are about: receipts, settlements and agents, in hexadecimal. */
  readonly ids: ReadonlySet<string>;
  readonly rows: Readonly<Record<"available" | "work" | "settled" | "payout", number>>;
}

/** Where the lines of each kind stand. */
const places = { header: 0, available: 1, work: 2, settled: 3, payout: 4, operator: 5, address: 6 } as const;

/** Recomputes an epoch from its public file, line by line; it keeps the ids of all rows, and a number for each agent and operator. */
export class EpochVerifier {
  readonly #primitives: EpochPrimitives;
  readonly #previous: VerifiedEpoch | undefined;
  readonly #tree: MerkleAccumulator;
  readonly #sums: EpochSums;
  readonly #ids = new Set<string>();
  /** Of the line before, where that is of the same kind. */
  #lastName = "";
  readonly #units: number[] = [];
  readonly #issued: string[] = [];
  readonly #counts = { header: 0, available: 0, work: 0, settled: 0, payout: 0, operator: 0, address: 0 };
  #header: EpochHeader | undefined;
  #place = -1;
  #refusal: EpochRefusal | undefined;

  /** @param previous the epoch before, where it is known: else what operators had earned before is taken from the file */
  constructor(primitives: EpochPrimitives, previous?: VerifiedEpoch) {
    this.#primitives = primitives;
    this.#previous = previous;
    this.#tree = new MerkleAccumulator(primitives);
    this.#sums = new EpochSums(previous?.totals);
  }

  /** The next line of the file, without its line break. @returns whether it may go on */
  take(text: string): boolean {
    if (this.#refusal) return false;
    const line = readEpochLine(text);
    const mismatch = line ? this.#takeLine(line) : "line";
    if (mismatch) this.#refusal = { mismatch, line: this.#tree.size + 1 };
    else this.#tree.add(leafHash(ascii(text), this.#primitives));
    return !mismatch;
  }

  /**
   * After the last line: what the epoch is, or what is wrong with it.
   * @param signed the pool's statement, where the file has one
   * @param pool the key that must have signed it; undefined: the one that the file names
   */
  end(signed: Signed | undefined, pool?: Uint8Array): VerifiedEpoch | EpochRefusal {
    if (this.#refusal) return this.#refusal;
    const header = this.#header;
    const key = pool ?? fromHex(header?.pool ?? "");
    if (!signed || !header || !key) return { mismatch: "line", line: 0 };
    const statement = openStatement(epochStatement, signed, key, this.#primitives);
    if (!statement || !equalBytes(statement.pool, key)) return { mismatch: "signature", line: 0 };
    if (!this.#isOf(statement, header)) return { mismatch: "root", line: 0 };
    if (!this.#isIssued(header)) return { mismatch: "availability", line: 0 };
    if (!this.#sums.isEarned(statement)) return { mismatch: "operator", line: 0 };
    if (!this.#sums.isClaimable(statement, this.#primitives)) return { mismatch: "claims", line: 0 };
    const { available, work, settled, payout } = this.#counts;
    const id = this.#primitives.sha256(signed.body);
    const rows = { available, work, settled, payout };
    return { header, statement, id, totals: this.#sums.stated, ids: this.#ids, rows };
  }

  #takeLine(line: EpochLine): EpochMismatch | undefined {
    const place = places[line.kind];
    if (place < this.#place || (line.kind === "header") !== this.#place < 0) return "line";
    if (place > this.#place) this.#lastName = "";
    this.#place = place;
    this.#counts[line.kind]++;
    if (line.kind === "header") return this.#takeHeader(line.header);
    const name = nameOfLine(line);
    if (name <= this.#lastName) return name === this.#lastName ? "doubled" : "line";
    this.#lastName = name;
    return this.#takeMoney(line, name);
  }

  #takeMoney(line: Exclude<EpochLine, { readonly kind: "header" }>, name: string): EpochMismatch | undefined {
    if (line.kind === "operator") return this.#sums.stateOperator(line.row) ? undefined : "operator";
    if (line.kind === "address") return this.#sums.stateAddress(line.row) ? undefined : "claims";
    if (line.kind === "payout") {
      this.#sums.payOut(line.row);
      return undefined;
    }
    if (this.#ids.has(name) || this.#previous?.ids.has(name)) return "doubled"; // as work and as settled, or in two epochs
    this.#ids.add(name);
    if (line.kind === "work" && !isPayOf(line.row)) return "work";
    if (line.kind === "available") {
      this.#units.push(line.row.units);
      this.#issued.push(line.row.amount);
    }
    this.#sums.add(line.row);
    return undefined;
  }

  #takeHeader(header: EpochHeader): EpochMismatch | undefined {
    this.#header = header;
    const parameters = readParameters(header.parameters);
    if (unfitParameter(parameters)) return "header";
    const epoch = epochOf(header.epoch, parameters);
    if (epoch.start !== header.start || epoch.end !== header.end) return "header";
    if (epochBudget(epoch, header.genesis, parameters) !== BigInt(header.budget)) return "header";
    if (header.previous === noEpoch) this.#sums.beginAnew();
    return this.#follows(header) ? undefined : "previous";
  }

  #follows({ previous, epoch, genesis, parameters, pool }: EpochHeader): boolean {
    const before = this.#previous;
    if (!before) return true; // then what operators had earned is taken from the file, unless it says that it is the first
    const isSame = JSON.stringify(parameters) === JSON.stringify(before.header.parameters);
    const isNext = previous === toHex(before.id) && epoch > before.header.epoch;
    return isNext && isSame && genesis === before.header.genesis && pool === before.header.pool;
  }

  #isOf(statement: EpochStatement, header: EpochHeader): boolean {
    return (
      statement.epoch === header.epoch &&
      toHex(statement.pool) === header.pool &&
      toHex(statement.previous) === header.previous &&
      statement.lines === this.#tree.size &&
      equalBytes(statement.root, this.#tree.root())
    );
  }

  #isIssued(header: EpochHeader): boolean {
    const shares = sharesOf(header);
    const counting = this.#units.reduce((sum, units) => sum + BigInt(units), 0n);
    if (counting > shares.connected) return false;
    const due = availabilityRewards(this.#units, shares, readParameters(header.parameters));
    return due.every((amount, at) => String(amount) === this.#issued[at]);
  }
}

function isPayOf({
  units,
  price,
  amount,
}: {
  readonly units: number;
  readonly price: number;
  readonly amount: string;
}) {
  return chargeOf(units, BigInt(price)).reward === BigInt(amount);
}

/** Whether an epoch was refused. */
export function isEpochRefusal(result: VerifiedEpoch | EpochRefusal): result is EpochRefusal {
  return "mismatch" in result;
}

/** The id of no epoch: what the first one names as the one before. */
export const noEpoch = "0".repeat(64);
