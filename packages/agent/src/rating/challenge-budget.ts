/** Part of its time that an agent spends on challenges, at most. */
const part = 0.02;
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
}
