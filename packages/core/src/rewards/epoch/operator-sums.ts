import type { EpochStatement } from "../../protocol/statements/epoch.js";
import type { EpochRow, OperatorLine } from "./lines.js";

/** What operators have earned: in an epoch by its rows, and in all by what the file states. */
export class OperatorSums {
  #before: ReadonlyMap<string, bigint> | undefined;
  readonly #inEpoch = new Map<string, bigint>();
  readonly #stated = new Map<string, bigint>();
  #last = "";
  readonly #issued = new Map<string, bigint>();
  #sum = 0n;

  /** @param before what each had earned before, where that is known */
  constructor(before: ReadonlyMap<string, bigint> | undefined) {
    this.#before = before;
  }

  /** Nobody had earned anything before. */
  beginAnew(): void {
    this.#before = new Map();
  }

  /** nAIS in this epoch, and of these how many were issued. */
  get inEpoch(): { readonly earned: bigint; readonly issued: bigint } {
    return { earned: this.#sum, issued: [...this.#issued.values()].reduce((sum, one) => sum + one, 0n) };
  }

  /** nAIS that are issued to each, where it is any. */
  get issued(): ReadonlyMap<string, bigint> {
    return this.#issued;
  }

  /** What each has earned in all, in order, where it is known what each had before. */
  totals(): OperatorLine[] {
    const before = this.#before ?? new Map<string, bigint>();
    const operators = [...new Set([...before.keys(), ...this.#inEpoch.keys()])].sort();
    const earned = (operator: string) => (before.get(operator) ?? 0n) + (this.#inEpoch.get(operator) ?? 0n);
    return operators.map((operator) => ({ operator, earned: String(earned(operator)) }));
  }

  /** As stated: in all, by key in hexadecimal. */
  get earned(): ReadonlyMap<string, bigint> {
    return this.#stated;
  }

  add(row: EpochRow): void {
    const amount = BigInt(row.amount);
    if (amount === 0n) return; // such as a result that was wrong: nobody earns by it
    addTo(this.#inEpoch, row.operator, amount);
    if ("available" in row) addTo(this.#issued, row.operator, amount);
    this.#sum += amount;
  }

  /** The file states what an operator has earned, each once and in order. @returns whether that is the sum, or no less where what was before is not known */
  state({ operator, earned: text }: OperatorLine): boolean {
    const [earned, now] = [BigInt(text), this.#inEpoch.get(operator) ?? 0n];
    if (operator <= this.#last) return false;
    this.#last = operator;
    this.#stated.set(operator, earned);
    return this.#before ? earned === now + (this.#before.get(operator) ?? 0n) : earned >= now;
  }

  /** Whether everybody who has earned anything is stated, and the sums are those of the statement. */
  isComplete({ issued, earned }: Pick<EpochStatement, "issued" | "earned">): boolean {
    const known = [...this.#inEpoch.keys(), ...(this.#before?.keys() ?? [])];
    const sums = this.inEpoch;
    return (
      known.every((operator) => this.#stated.has(operator)) &&
      String(sums.issued) === issued &&
      String(sums.earned) === earned
    );
  }
}

function addTo(sums: Map<string, bigint>, operator: string, amount: bigint): void {
  sums.set(operator, (sums.get(operator) ?? 0n) + amount);
}
