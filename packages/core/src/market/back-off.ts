/** The first pause after a failure, and the longest, in ms. */
const pauseMs = { first: 1_000, longest: 600_000 } as const;
/** Agents that are remembered; who failed longest ago is forgotten first. */
const remembered = 20_000;

/** What an agent failed at last. */
interface Failures {
  /** In a row, of unlike jobs. */
  readonly count: number;
  readonly job: string;
  /** When it is given work again, in ms of the caller's clock. */
  readonly until: number;
}

/**
 * Agents that failed, and until when they are left alone: 1 s after the first failure, twice as long after each further one,
 * ten minutes at most. A task that ends clears it. Failures of one job in a row count once: a job that
 * breaks whatever runs it must not drive good agents out of the market.
 */
export class BackOffs {
  readonly #failures = new Map<string, Failures>();
  /** Agents whose pause is not over. */
  readonly #paused = new Set<string>();

  /** The agent did not do what it had offered. */
  failed(agent: string, job: string, now: number): void {
    const before = this.#failures.get(agent);
    const count = before?.job === job ? before.count : (before?.count ?? 0) + 1;
    const pause = Math.min(pauseMs.first * 2 ** (count - 1), pauseMs.longest);
    this.#failures.delete(agent); // and in again, as the newest
    this.#failures.set(agent, { count, job, until: now + pause });
    this.#paused.add(agent);
    if (this.#failures.size > remembered) this.succeeded(this.#failures.keys().next().value ?? "");
  }

  /** The agent has brought a task to its end. */
  succeeded(agent: string): void {
    this.#failures.delete(agent);
    this.#paused.delete(agent);
  }

  /** When the agent is given work again; 0 where it is now. */
  until(agent: string): number {
    return this.#failures.get(agent)?.until ?? 0;
  }

  /** Agents whose pause is over by now, each named once. */
  takeEnded(now: number): string[] {
    const ended = [...this.#paused].filter((agent) => this.until(agent) <= now);
    for (const agent of ended) this.#paused.delete(agent);
    return ended;
  }
}
