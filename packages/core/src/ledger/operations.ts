import { type Account, type AccountOf, largestAmount } from "./accounts.js";

interface Keyed {
  /**
   * Bytes in hexadecimal that name the operation among those of its kind on the account it takes from: done again under
   * the same key it changes nothing.
   */
  readonly key: string;
}

/** Money to play with is made. */
export interface Fund extends Keyed {
  readonly kind: "fund";
  readonly requester: AccountOf<"requester">;
  readonly amount: bigint;
}

/** A requester sets money aside for a job: the first phase. */
export interface Reserve extends Keyed {
  readonly kind: "reserve";
  readonly requester: AccountOf<"requester">;
  readonly escrow: AccountOf<"escrow">;
  readonly amount: bigint;
}

/** What was reserved is spent on one task: the second phase. */
export interface Post extends Keyed {
  readonly kind: "post";
  readonly escrow: AccountOf<"escrow">;
  readonly operator: AccountOf<"operator">;
  readonly reward: bigint;
  /** May be 0. */
  readonly fee: bigint;
}

/** What was reserved goes back to whoever reserved it: the other second phase. */
export interface Release extends Keyed {
  readonly kind: "release";
  readonly escrow: AccountOf<"escrow">;
  readonly amount: bigint;
}

/** An operator puts up a bond, out of what its key has earned or holds as a requester. */
export interface Bond extends Keyed {
  readonly kind: "bond";
  readonly from: AccountOf<"operator"> | AccountOf<"requester">;
  readonly bond: AccountOf<"bond">;
  readonly amount: bigint;
}

/** Part of a bond goes back to its operator, when its notice is over. */
export interface Unbond extends Keyed {
  readonly kind: "unbond";
  readonly bond: AccountOf<"bond">;
  readonly operator: AccountOf<"operator">;
  readonly amount: bigint;
}

/** What can be done to the books; amounts in nAIS. */
export type LedgerOperation = Fund | Reserve | Post | Release | Bond | Unbond;

/** Kinds of transfers, by their numbers in the database: an operation is one, but for a payment, which is a reward and a fee. */
export const transferKinds = ["fund", "reserve", "reward", "fee", "release", "bond", "unbond"] as const;
export type TransferKind = (typeof transferKinds)[number];

/** One movement of money. Never changed, never deleted: what was wrong is put right by another. */
export interface Transfer {
  readonly kind: TransferKind;
  readonly key: string;
  /** Where it comes from. */
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: bigint;
}

/** What names a transfer: no account can take a key that another uses. */
export function transferName({ debit, kind, key }: Pick<Transfer, "debit" | "kind" | "key">): string {
  return `${debit}/${kind}/${key}`;
}

/**
 * The transfers that an operation is, those of nothing included; they take from one account.
 * @param payer whom a release goes back to
 */
export function transfersOf(operation: LedgerOperation, payer: AccountOf<"requester">): readonly Transfer[] {
  const { kind, key } = operation;
  if (kind === "post") {
    const { escrow: debit, operator, reward, fee } = operation;
    return [
      { kind: "reward", key, debit, credit: operator, amount: reward },
      { kind: "fee", key, debit, credit: "fees", amount: fee },
    ];
  }
  const { amount } = operation;
  if (kind === "bond") return [{ kind, key, debit: operation.from, credit: operation.bond, amount }];
  if (kind === "unbond") return [{ kind, key, debit: operation.bond, credit: operation.operator, amount }];
  if (kind === "reserve") return [{ kind, key, debit: operation.requester, credit: operation.escrow, amount }];
  if (kind === "release") return [{ kind, key, debit: operation.escrow, credit: payer, amount }];
  return [{ kind, key: fundKey(operation), debit: "test-money", credit: operation.requester, amount }];
}

/** Every account that an operation takes from or gives to, but for the payer of a release. */
export function accountsOf(operation: LedgerOperation): readonly Account[] {
  if (operation.kind === "fund") return ["test-money", operation.requester];
  if (operation.kind === "reserve") return [operation.requester, operation.escrow];
  if (operation.kind === "bond") return [operation.from, operation.bond];
  if (operation.kind === "unbond") return [operation.bond, operation.operator];
  return operation.kind === "post" ? [operation.escrow, operation.operator, "fees"] : [operation.escrow];
}

/** Whether every amount of an operation is one that a ledger holds. */
export function amountsFit(operation: LedgerOperation): boolean {
  if (operation.kind !== "post") return fits(operation.amount, 1n);
  return fits(operation.reward, 1n) && fits(operation.fee, 0n);
}

/** One account issues for all: the requester is part of the key, so that nobody takes another's. */
function fundKey({ requester, key }: Fund): string {
  return requester.slice("requester:".length) + key;
}

function fits(amount: bigint, least: bigint): boolean {
  return amount >= least && amount <= largestAmount;
}
