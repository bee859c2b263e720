import type { Deposit, Deposits } from "@aegis-pool/chain";
import { AegisError } from "@aegis-pool/core";
import type { DepositRow } from "../../store/deposit-rows.js";

/** What of a chain is read. */
export interface ReadChain {
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

/** How much is read together. */
interface AtOnce {
  /** Blocks of one question: what public nodes answer. */
  readonly blocks: number;
  /** New deposits that are credited in one commit, at most but for those of the last question. */
  readonly deposits: number;
}

const usualAtOnce: AtOnce = { blocks: 2_000, deposits: 5_000 };

/**
 * Reads deposits from a block on, until the last block or until there are enough at once. They are numbered without gaps, so that one that a node
 * leaves out shows by the next; that none is left out at the end shows by the contract's own count there.
 */
export async function readDeposits(
  { deposits }: ReadChain,
  { first, last, from, next, credited }: ReadingBounds,
  atOnce = usualAtOnce,
): Promise<ReadDeposits | ReadingFault> {
  const fresh: DepositRow[] = [];
  const moved: DepositRow[] = [];
  let [at, end] = [from, first - 1];
  for await (const { found, end: read } of foundIn(deposits, { first, last }, atOnce.blocks)) {
    if (found.some(({ index }, place) => index !== at + place)) return "incomplete";
    const known = found.filter(({ index }) => index < next);
    const changed = known.length > 0 ? changedOf(known, await credited(at, at + known.length - 1)) : [];
    if (changed === "different") return changed;
    moved.push(...changed);
    fresh.push(...found.slice(known.length));
    at += found.length;
    end = read;
    if (fresh.length >= atOnce.deposits) break;
  }
  return (await deposits.count(end)) === at ? { end, fresh, moved } : "incomplete";
}

/** Deposits range by range. Anybody can make so many that a node does not answer for all of a range: then it is asked for half of it. */
async function* foundIn(
  deposits: ReadChain["deposits"],
  { first, last }: { readonly first: number; readonly last: number },
  most: number,
): AsyncGenerator<{ readonly found: DepositRow[]; readonly end: number }> {
  for (let [start, blocks] = [first, most]; start <= last;) {
    const end = Math.min(start + blocks - 1, last);
    const found = await deposits.between(start, end).catch((error: unknown) => {
      if (start < end && error instanceof AegisError && error.code === "chain-refused") return undefined;
      throw error;
    });
    if (!found) {
      blocks = Math.ceil((end - start + 1) / 2);
      continue;
    }
    yield { found: found.map(rowOf), end };
    [start, blocks] = [end + 1, Math.min(2 * blocks, most)];
  }
}

/** Those that are in another block than when they were credited. */
function changedOf(found: readonly DepositRow[], credited: readonly DepositRow[]): DepositRow[] | "different" {
  if (!found.every((row, place) => isSame(row, credited[place]))) return "different";
  return found.filter(({ blockHash }, place) => blockHash !== credited[place]?.blockHash);
}

function isSame(row: DepositRow, before: DepositRow | undefined): boolean {
  return row.index === before?.index && row.account === before.account && row.amount === before.amount;
}

function rowOf({ blockHash, transaction, ...deposit }: Deposit): DepositRow {
  return { ...deposit, blockHash: blockHash.slice(2), transaction: transaction.slice(2) };
}
