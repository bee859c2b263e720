/** What the duty cycle knows of one process, and how long it may run in the interval to come. */
export interface DutyState {
  /** CPU time still due to it; negative where it had more than its share. */
  readonly creditMs: number;
  /** How many cores it kept busy while it ran last. */
  readonly cores: number;
  readonly runMs: number;
}

/** What was seen in the interval before. */
export interface DutyMeasured {
  /** CPU time of all its threads. */
  readonly usedMs: number;
  readonly elapsedMs: number;
  /** How much of `elapsedMs` it was not stopped. */
  readonly ranMs: number;
}

/** Credit is kept for this many intervals. With 1, timers that come late held 25% at 21%. */
const keptIntervals = 3;

/**
 * A process that has used nothing yet. One with a whole core starts with all the credit there may be, so that one busy
 * thread, which cannot use more than that, is never stopped for a rounded reading of its time.
 */
export function fullCredit(share: number, intervalMs: number): DutyState {
  const intervals = share >= 1 ? keptIntervals : 1;
  return { creditMs: share * intervalMs * intervals, cores: 1, runMs: intervalMs };
}

/**
 * The slice for the next interval: credit grows by `share` of the time that passed, shrinks by what was used, and is
 * spent at the rate seen last. A little unused credit is kept, so that a late timer costs nothing, but no more: idling
 * buys no burst.
 */
export function nextSlice(state: DutyState, measured: DutyMeasured, share: number, intervalMs: number): DutyState {
  const { usedMs, elapsedMs, ranMs } = measured;
  const creditMs = Math.min(state.creditMs + share * elapsedMs - usedMs, share * intervalMs * keptIntervals);
  const cores = ranMs > 0 ? Math.max(1, usedMs / ranMs) : state.cores;
  return { creditMs, cores, runMs: Math.max(0, Math.min(intervalMs, creditMs / cores)) };
}
