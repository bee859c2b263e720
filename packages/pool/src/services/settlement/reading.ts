import type { ChainConnection, Deposit, Deposits } from "@aegis-pool/chain";
import type { DepositRow } from "../../store/deposit-rows.js";

/** What of a chain is read. */
export interface ReadChain {
  readonly connection: Pick<ChainConnection, "head" | "block">;
  readonly deposits: Pick<Deposits, "count" | "between">;
}

/** What deposits were read, up to a block. */
export interface ReadDeposits {
  readonly end: number;
  /** Those that are not credited yet, without gaps from the next on. */
  readonly fresh: readonly DepositRow[];
  /** Those that are credited, and are in another block now. */
  readonly moved: readonly DepositRow[];
}

/** Why what was read is not what it must be: events are missing, or a credited deposit is another one. */
export type ReadingFault = "incomplete" | "different";

/** Where a reading begins and ends. */
export interface ReadingBounds {
  readonly first: number;
  readonly last: number;
  /** The number of the first deposit that must be found there. */
  readonly from: number;
  /** The number of the first that is not credited. */
  readonly next: number;
  /** Those that are credited, by number. */
  readonly credited: (first: number, last: number) => Promise<readonly DepositRow[]>;
}

/** Blocks of one question: what public nodes answer. */
const blocksAtOnce = 2_000;
/** New deposits that are credited together, at most but for those of the last question. */
export const depositsAtOnce = 5_000;

/**
 * Reads deposits from a block on, until the last block or until there are enough at once. They are numbered without gaps, so that one that a node
 * leaves out shows by the next; that none is left out at the end shows by the contract's own count there.
 */
export async function readDeposits(chain: ReadChain, bounds: ReadingBounds): Promise<ReadDeposits | ReadingFault> {
  const { last, next } = bounds;
  const [fresh, moved]: DepositRow[][] = [[], []];
  let [at, end] = [bounds.from, bounds.first - 1];
  while (end < last && (fresh?.length ?? 0) < depositsAtOnce) {
    const first = end + 1;
    end = Math.min(end + blocksAtOnce, last);
    const found = (await chain.deposits.between(first, end)).map(rowOf);
    if (found.some(({ index }, place) => index !== at + place)) return "incomplete";
    const known = found.filter(({ index }) => index < next);
    const changed = known.length > 0 ? changedOf(known, await bounds.credited(at, at + known.length - 1)) : [];
    if (changed === "different") return changed;
    moved?.push(...changed);
    fresh?.push(...found.slice(known.length));
    at += found.length;
  }
  if ((await chain.deposits.count(end)) !== at) return "incomplete";
  return { end, fresh: fresh ?? [], moved: moved ?? [] };
}

/** Those that are in another block than when they were credited. */
function changedOf(found: readonly DepositRow[], credited: readonly DepositRow[]): DepositRow[] | "different" {
  const isSame = (row: DepositRow, before: DepositRow | undefined) =>
    row.index === before?.index && row.account === before.account && row.amount === before.amount;
  if (!found.every((row, place) => isSame(row, credited[place]))) return "different";
  return found.filter(({ blockHash }, place) => blockHash !== credited[place]?.blockHash);
}

function rowOf({ blockHash, transaction, ...deposit }: Deposit): DepositRow {
  return { ...deposit, blockHash: blockHash.slice(2), transaction: transaction.slice(2) };
}
