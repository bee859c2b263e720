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

/** Money is issued to an operator for what it was available in an epoch; the key is the epoch's. */
export interface Issue extends Keyed {
  readonly kind: "issue";
  readonly operator: AccountOf<"operator">;
  readonly amount: bigint;
}

/** What was paid in on a chain is credited; the key is the deposit's number there, and the same for whomever it is credited to. */
export interface Deposit extends Keyed {
  readonly kind: "deposit";
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

/** What a result is charged is set aside until the result is final: another second phase, with a third to follow. */
export interface Hold extends Keyed {
  readonly kind: "hold";
  readonly escrow: AccountOf<"escrow">;
  readonly held: AccountOf<"held">;
  readonly amount: bigint;
}

/** What was held for a result goes where the verdict on it says; each part may be 0. */
export interface Settle extends Keyed {
  readonly kind: "settle";
  readonly held: AccountOf<"held">;
  readonly operator: AccountOf<"operator">;
  /** Who paid for the result, and gets back what it is not worth. */
  readonly payer: AccountOf<"requester">;
  readonly reward: bigint;
  readonly fee: bigint;
  readonly refund: bigint;
  /** What the operator owes for wrong results comes off its reward. */
  readonly penalty: Penalty;
}

/** What an operator owes for a wrong result is taken out of its bond. */
export interface Seize extends Keyed {
  readonly kind: "seize";
  readonly bond: AccountOf<"bond">;
  readonly penalty: Penalty;
}

/** What a wrong result costs: first what others had to spend to find out, then for nobody's good. */
export interface Penalty {
  readonly injured: AccountOf<"requester">;
  readonly compensation: bigint;
  readonly burned: bigint;
}

/** What an operator has earned goes to its payout address; the key is the epoch's. */
export interface Payout extends Keyed {
  readonly kind: "payout";
  readonly operator: AccountOf<"operator">;
  readonly claimable: AccountOf<"claimable">;
  readonly amount: bigint;
}

/** What can be done to the books; amounts in nAIS. */
export type LedgerOperation =
  | Fund
  | Issue
  | Deposit
  | Reserve
  | Post
  | Release
  | Bond
  | Unbond
  | Hold
  | Settle
  | Seize
  | Payout;

/** Kinds of transfers, by their numbers in the database: most operations are one, a payment is a reward and a fee, a settlement up to five. */
export const transferKinds = [
  "fund",
  "reserve",
  "reward",
  "fee",
  "release",
  "bond",
  "unbond",
  "hold",
  "refund",
  "compensation",
  "penalty",
  "issue",
  "payout",
  "deposit",
] as const;
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
  if (kind === "post") return paymentOf(operation.escrow, operation);
  if (kind === "settle") {
    const { held: debit, penalty, refund } = operation;
    const back = { kind: "refund", key, debit, credit: operation.payer, amount: refund } as const;
    return [...paymentOf(debit, operation), back, ...penaltyOf(debit, key, penalty)];
  }
  if (kind === "seize") return penaltyOf(operation.bond, key, operation.penalty);
  const { amount } = operation;
  if (kind === "bond") return [{ kind, key, debit: operation.from, credit: operation.bond, amount }];
  if (kind === "payout") return [{ kind, key, debit: operation.operator, credit: operation.claimable, amount }];
  if (kind === "unbond") return [{ kind, key, debit: operation.bond, credit: operation.operator, amount }];
  if (kind === "hold") return [{ kind, key, debit: operation.escrow, credit: operation.held, amount }];
  if (kind === "reserve") return [{ kind, key, debit: operation.requester, credit: operation.escrow, amount }];
  if (kind === "release") return [{ kind, key, debit: operation.escrow, credit: payer, amount }];
  if (kind === "deposit") return [{ kind, key, debit: "deposited", credit: operation.requester, amount }];
  if (kind === "issue")
    return [{ kind, key: keyOf(operation.operator, key), debit: "emission", credit: operation.operator, amount }];
  return [{ kind, key: keyOf(operation.requester, key), debit: "test-money", credit: operation.requester, amount }];
}

function paymentOf(debit: Account, { key, operator, reward, fee }: Pick<Post, "key" | "operator" | "reward" | "fee">) {
  return [
    { kind: "reward", key, debit, credit: operator, amount: reward },
    { kind: "fee", key, debit, credit: "fees", amount: fee },
  ] as const;
}

function penaltyOf(debit: Account, key: string, { injured, compensation, burned }: Penalty) {
  return [
    { kind: "compensation", key, debit, credit: injured, amount: compensation },
    { kind: "penalty", key, debit, credit: "burned", amount: burned },
  ] as const;
}

/** Every account that an operation takes from or gives to, but for the payer of a release. */
export function accountsOf(operation: LedgerOperation): readonly Account[] {
  if (operation.kind === "fund") return ["test-money", operation.requester];
  if (operation.kind === "issue") return ["emission", operation.operator];
  if (operation.kind === "deposit") return ["deposited", operation.requester];
  if (operation.kind === "reserve") return [operation.requester, operation.escrow];
  if (operation.kind === "bond") return [operation.from, operation.bond];
  if (operation.kind === "unbond") return [operation.bond, operation.operator];
  if (operation.kind === "payout") return [operation.operator, operation.claimable];
  if (operation.kind === "hold") return [operation.escrow, operation.held];
  if (operation.kind === "seize") return [operation.bond, operation.penalty.injured, "burned"];
  if (operation.kind === "settle") {
    const { held, operator, payer, penalty } = operation;
    return [held, operator, payer, penalty.injured, "fees", "burned"];
  }
  return operation.kind === "post" ? [operation.escrow, operation.operator, "fees"] : [operation.escrow];
}

/** Whether every amount of an operation is one that a ledger holds. */
export function amountsFit(operation: LedgerOperation): boolean {
  if (operation.kind === "post") return fits(operation.reward, 1n) && fits(operation.fee, 0n);
  if (operation.kind !== "settle" && operation.kind !== "seize") return fits(operation.amount, 1n);
  const amounts = transfersOf(operation, "requester:").map(({ amount }) => amount);
  return amounts.every((amount) => fits(amount, 0n)) && amounts.some((amount) => amount > 0n);
}

/** One account issues for all: whom it is for is part of the key, so that nobody takes another's. */
function keyOf(account: Account, key: string): string {
  return account.slice(account.indexOf(":") + 1) + key;
}

function fits(amount: bigint, least: bigint): boolean {
  return amount >= least && amount <= largestAmount;
}
