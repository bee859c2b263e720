import type { Primitives } from "../../privacy/primitives.js";
import type { EpochStatement } from "../../protocol/statements/epoch.js";
import { equalBytes, fromHex } from "../../shared/bytes.js";
import { finished } from "../../shared/finished.js";
import type { EvmPrimitives } from "../../verification/certificate/evm-primitives.js";
import { ClaimsTree } from "../claims-tree.js";
import type { AddressLine, EpochRow, OperatorLine, PayoutLine } from "./lines.js";
import { RunningSums, sumOf } from "./running-sums.js";

/** What epochs are built and recomputed with: Keccak-256 is what contracts hash with. */
export type EpochPrimitives = Primitives & Pick<EvmPrimitives, "keccak256">;

/** What stands at the end of an epoch, in nAIS, by operator's key or by address in hexadecimal. */
export interface EpochTotals {
  /** What each operator has earned in all epochs. */
  readonly earned: ReadonlyMap<string, bigint>;
  /** What of it was paid out to addresses. */
  readonly paidOut: ReadonlyMap<string, bigint>;
  /** What was paid out to each address. */
  readonly claimable: ReadonlyMap<string, bigint>;
}

export const nothingYet: EpochTotals = { earned: new Map(), paidOut: new Map(), claimable: new Map() };

/** What an epoch's statement says of its money. */
export type StatedSums = Pick<EpochStatement, "issued" | "earned" | "claims" | "claimable">;

/** What operators have earned and what was paid out, by the rows of an epoch's file and by what it states in the end. */
export class EpochSums {
  readonly #earned: RunningSums;
  readonly #paidOut: RunningSums;
  readonly #claimable: RunningSums;
  readonly #issued = new Map<string, bigint>();

  /** @param before where that is known */
  constructor(before: EpochTotals | undefined) {
    this.#earned = new RunningSums(before?.earned);
    this.#paidOut = new RunningSums(before?.paidOut);
    this.#claimable = new RunningSums(before?.claimable);
  }

  /** Nothing was before. */
  beginAnew(): void {
    for (const sums of [this.#earned, this.#paidOut, this.#claimable]) sums.beginAnew();
  }

  add(row: EpochRow): void {
    const amount = BigInt(row.amount);
    this.#earned.add(row.operator, amount);
    if ("available" in row && amount > 0n) {
      this.#issued.set(row.operator, (this.#issued.get(row.operator) ?? 0n) + amount);
    }
  }

  payOut({ payout: operator, address, amount }: PayoutLine): void {
    this.#paidOut.add(operator, BigInt(amount));
    this.#claimable.add(address, BigInt(amount));
  }

  /** nAIS that are issued to each operator, where it is any. */
  get issued(): ReadonlyMap<string, bigint> {
    return this.#issued;
  }

  /** nAIS that each operator has earned in this epoch. */
  get earned(): ReadonlyMap<string, bigint> {
    return this.#earned.added;
  }

  /** What each operator has earned and was not paid out, where that is any. */
  payable(): ReadonlyMap<string, bigint> {
    const left = [...this.#earned.all()].map(([name, earned]) => [name, earned - this.#paidOut.of(name)] as const);
    return new Map(left.filter(([, amount]) => amount > 0n));
  }

  /** By the rows: what the file is to state. */
  reckoned(): EpochTotals {
    return { earned: this.#earned.all(), paidOut: this.#paidOut.all(), claimable: this.#claimable.all() };
  }

  /** The file states what an operator has earned, and what of it was paid out. @returns whether that follows */
  stateOperator({ operator, earned, paidOut }: OperatorLine): boolean {
    const isEarned = this.#earned.state(operator, BigInt(earned));
    const isPaidOut = this.#paidOut.state(operator, BigInt(paidOut));
    return isEarned && isPaidOut && BigInt(paidOut) <= BigInt(earned);
  }

  /** The file states what was paid out to an address. @returns whether that follows */
  stateAddress({ address, claimable }: AddressLine): boolean {
    return this.#claimable.state(address, BigInt(claimable));
  }

  /** As the file states them. */
  get stated(): EpochTotals {
    return { earned: this.#earned.stated, paidOut: this.#paidOut.stated, claimable: this.#claimable.stated };
  }

  /** Whether everybody who has earned anything is stated, and the sums are those of the statement. */
  isEarned({ issued, earned }: StatedSums): boolean {
    const isWhole = this.#earned.isStated && this.#paidOut.isStated;
    return isWhole && String(sumOf(this.#issued)) === issued && String(sumOf(this.#earned.added)) === earned;
  }

  /** Whether what addresses can claim is what operators were paid out, and the statement's tree is of that. */
  isClaimable({ claims, claimable }: StatedSums, primitives: EpochPrimitives): boolean {
    const { paidOut, claimable: byAddress } = this.stated;
    const total = sumOf(byAddress);
    const isWhole = this.#claimable.isStated && total === sumOf(paidOut) && String(total) === claimable;
    return isWhole && equalBytes(claims, finished(claimsRoot(byAddress, primitives)));
  }

  /** What a statement says of an epoch that is built. */
  *inStatement(primitives: EpochPrimitives): Generator<undefined, StatedSums> {
    const { claimable } = this.reckoned();
    return {
      issued: String(sumOf(this.#issued)),
      earned: String(sumOf(this.#earned.added)),
      claims: yield* claimsRoot(claimable, primitives),
      claimable: String(sumOf(claimable)),
    };
  }
}

/** Of the tree of what each address can claim; zeros where there is none, or where it makes no tree. */
function* claimsRoot(
  claimable: ReadonlyMap<string, bigint>,
  primitives: EpochPrimitives,
): Generator<undefined, Uint8Array> {
  const earnings = [...claimable].map(([address, amount]) => ({ address: fromHex(address) ?? noBytes, amount }));
  const tree = yield* ClaimsTree.growing(earnings, primitives);
  return "refused" in tree ? new Uint8Array(32) : tree.root;
}

const noBytes = new Uint8Array(0);
