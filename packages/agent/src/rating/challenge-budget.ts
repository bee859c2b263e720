/** Part of its time that an agent spends on challenges, at most: a little less than the 2% that it is to stay below, for what it may spend at once. */
const part = 0.019;
/** What it may spend at once, in ms: a first proof, and a few more after connections that broke. */
const mostMs = 60_000;

/** Time for challenges, which fills up as time goes by. */
export class ChallengeBudget {
  #leftMs = mostMs;
  #at: number;

  /** @param now ms of a clock that never goes back */
  constructor(now: number) {
    this.#at = now;
  }

  /** Whether `ms` may be spent now; then they are. */
  spend(ms: number, now: number): boolean {
    this.#leftMs = Math.min(mostMs, this.#leftMs + (now - this.#at) * part);
    this.#at = now;
    if (!(ms <= this.#leftMs)) return false;
    this.#leftMs -= ms;
    return true;
  }

  /** What was spent as `estimatedMs` has taken `tookMs`: the difference is made up for, within what may be spent at once. */
  correct(estimatedMs: number, tookMs: number): void {
    this.#leftMs = Math.max(-mostMs, this.#leftMs + estimatedMs - tookMs);
  }
}
