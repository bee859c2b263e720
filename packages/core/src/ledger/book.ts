import { type Account, type AccountOf, floorOf } from "./accounts.js";
import { amountsFit, type LedgerOperation, type Transfer, transferName, transfersOf } from "./operations.js";

/** Why an operation is refused; nothing of it is done. */
export type LedgerRefusal =
  /** Not a whole number of nAIS above zero, or more than a ledger holds. */
  | "amount-out-of-range"
  /** Another operation has this key. */
  | "key-reused"
  /** The account, or the escrow, does not hold as much. */
  | "insufficient-funds"
  /** More money than there may ever be. */
  | "supply-exhausted"
  /** Nothing was ever reserved there. */
  | "unknown-reservation"
  /** Another account has reserved for this job: what is left would go back to that one. */
  | "other-payer";

/** "known": it was done before, the very same. */
export type LedgerAnswer = "written" | "known" | LedgerRefusal;

/** What a book knows of an account. */
export interface AccountState {
  readonly balance: bigint;
  /** Of an escrow: who reserved, and gets back what is left. */
  readonly payer: AccountOf<"requester"> | undefined;
}

/**
 * The books, or as much of them as the operations at hand touch. The rules of money are here and nowhere else: a store
 * loads what is touched, asks, and writes what `written` says.
 */
export class Book {
  readonly #accounts: Map<Account, AccountState>;
  readonly #transfers: Map<string, Transfer>;
  readonly #written: Transfer[] = [];

  constructor(accounts: Iterable<readonly [Account, AccountState]> = [], transfers: Iterable<Transfer> = []) {
    this.#accounts = new Map(accounts);
    this.#transfers = new Map();
    for (const transfer of transfers) this.#transfers.set(transferName(transfer), transfer);
  }

  /** Transfers that this book has written itself, in order. */
  get written(): readonly Transfer[] {
    return this.#written;
  }

  get accounts(): ReadonlyMap<Account, AccountState> {
    return this.#accounts;
  }

  balance(account: Account): bigint {
    return this.#accounts.get(account)?.balance ?? 0n;
  }

  /** Does all of `operation`, or nothing. */
  apply(operation: LedgerOperation): LedgerAnswer {
    if (!amountsFit(operation)) return "amount-out-of-range";
    const payer = this.#payerFor(operation);
    if (payer === "unknown-reservation" || payer === "other-payer") return payer;
    const transfers = transfersOf(operation, payer);
    const known = this.#known(transfers);
    if (known) return known;
    const unfunded = this.#unfunded(transfers);
    if (unfunded) return unfunded;
    for (const transfer of transfers) if (transfer.amount > 0n) this.#write(transfer, payer);
    return "written";
  }

  /** Who gets back what an operation's escrow holds. */
  #payerFor(operation: LedgerOperation): AccountOf<"requester"> | "unknown-reservation" | "other-payer" {
    if (!("escrow" in operation)) return "requester:"; // nobody: nothing of it is reserved
    const payer = this.#accounts.get(operation.escrow)?.payer;
    if (operation.kind !== "reserve") return payer ?? "unknown-reservation";
    return (payer ?? operation.requester) === operation.requester ? operation.requester : "other-payer";
  }

  #known(transfers: readonly Transfer[]): "known" | "key-reused" | undefined {
    const before = transfers.map((transfer) => this.#transfers.get(transferName(transfer)));
    if (before.every((transfer) => !transfer)) return undefined;
    return transfers.every((transfer, index) => isSame(transfer, before[index])) ? "known" : "key-reused";
  }

  #unfunded(transfers: readonly Transfer[]): "insufficient-funds" | "supply-exhausted" | undefined {
    const [first] = transfers;
    if (!first) return undefined;
    const total = transfers.reduce((sum, { amount }) => sum + amount, 0n);
    const floor = floorOf(first.debit);
    if (this.balance(first.debit) - total >= floor) return undefined;
    return floor < 0n ? "supply-exhausted" : "insufficient-funds";
  }

  #write(transfer: Transfer, payer: AccountOf<"requester">): void {
    this.#add(transfer.debit, -transfer.amount);
    this.#add(transfer.credit, transfer.amount, transfer.kind === "reserve" ? payer : undefined);
    this.#transfers.set(transferName(transfer), transfer);
    this.#written.push(transfer);
  }

  #add(account: Account, amount: bigint, payer?: AccountOf<"requester">): void {
    const before = this.#accounts.get(account);
    this.#accounts.set(account, { balance: (before?.balance ?? 0n) + amount, payer: before?.payer ?? payer });
  }
}

/** A transfer of nothing was not written. */
function isSame(wanted: Transfer, before: Transfer | undefined): boolean {
  if (!before) return wanted.amount === 0n;
  return wanted.credit === before.credit && wanted.amount === before.amount;
}
