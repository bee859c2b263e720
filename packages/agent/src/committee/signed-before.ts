import { type SumBinding, toHex } from "@aegis-pool/core";
import type { SignRecord } from "./sign-records.js";

/** Which attempt of which run. */
export type AttemptName = Omit<SumBinding, "group">;

/** What was signed in one attempt, by group. */
interface SignedAttempt {
  readonly name: AttemptName;
  readonly records: Map<number, SignRecord>;
  /** Nothing more can be asked of it: its keys are gone. */
  isOver: boolean;
}

/** One run's attempts in which something was signed, by `round/attempt`. */
type SignedRun = Map<string, SignedAttempt>;

/** Runs that are remembered once none of their attempts is open, and for how long after the last signature, in ms: 30 days. */
const [mostRuns, rememberedMs] = [10_000, 30 * 24 * 3_600_000];

/**
 * What a member has signed, as far as it can be asked for. Of attempts whose keys are gone only the newest of each run is kept: with it every earlier
 * one is known to be over, and none of them can be opened again.
 */
export class SignedBefore {
  readonly #runs = new Map<string, SignedRun>();

  /** @param records those of earlier processes: of these no keys are left */
  constructor(records: readonly SignRecord[]) {
    for (const record of records) this.add(record);
    for (const run of this.#runs.values()) for (const attempt of run.values()) attempt.isOver = true;
    for (const run of this.#runs.values()) thin(run);
  }

  /** What stands for a sum. */
  find(sum: SumBinding): Uint8Array | undefined {
    return this.#runs.get(toHex(sum.run))?.get(nameIn(sum))?.records.get(sum.group)?.value;
  }

  /** Adds what does not stand yet. */
  add(record: SignRecord): void {
    const run: SignedRun = this.#runs.get(toHex(record.sum.run)) ?? new Map<string, SignedAttempt>();
    const name = nameIn(record.sum);
    const attempt = run.get(name) ?? { name: record.sum, records: new Map<number, SignRecord>(), isOver: false };
    if (!attempt.records.has(record.sum.group)) attempt.records.set(record.sum.group, record);
    run.set(name, attempt);
    this.#runs.set(toHex(record.sum.run), run);
  }

  /** Whether something was signed in this attempt or in a later one of its run. */
  isOver(attempt: AttemptName): boolean {
    const run = this.#runs.get(toHex(attempt.run));
    return run !== undefined && [...run.values()].some(({ name }) => compare(name, attempt) >= 0);
  }

  /** The keys of an attempt are gone. */
  close(attempt: AttemptName): void {
    const run = this.#runs.get(toHex(attempt.run));
    const signed = run?.get(nameIn(attempt));
    if (!run || !signed) return;
    signed.isOver = true;
    thin(run);
  }

  /** Drops runs of which nothing is open: those of more than 30 days ago, and the oldest where there are more than 10,000. */
  dropOld(now: number): void {
    const ended = [...this.#runs]
      .filter(([, run]) => [...run.values()].every(({ isOver }) => isOver))
      .map(([name, run]) => ({ name, at: lastOf(run) }))
      .toSorted((a, b) => b.at - a.at);
    for (const [index, { name, at }] of ended.entries())
      if (index >= mostRuns || at < now - rememberedMs) this.#runs.delete(name);
  }

  all(): SignRecord[] {
    return [...this.#runs.values()].flatMap((run) => [...run.values()].flatMap(({ records }) => [...records.values()]));
  }
}

function nameIn({ round, attempt }: AttemptName): string {
  return `${round}/${attempt}`;
}

function compare(a: AttemptName, b: AttemptName): number {
  return a.round - b.round || a.attempt - b.attempt;
}

/** Of the attempts that are over only the newest says anything. */
function thin(run: SignedRun): void {
  const over = [...run].filter(([, { isOver }]) => isOver).toSorted(([, a], [, b]) => compare(b.name, a.name));
  for (const [name] of over.slice(1)) run.delete(name);
}

function lastOf(run: SignedRun): number {
  return Math.max(...[...run.values()].flatMap(({ records }) => Array.from(records.values(), ({ at }) => at)));
}
