/** One reading of a counter of CPU time. */
interface Reading {
  readonly at: number;
  readonly cpuMs: number;
}

/** How busy something was over the last while, from a counter of its CPU time. */
export class CpuMeter {
  readonly #windowMs: number;
  #readings: Reading[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The counter stood at `cpuMs` at the time `at`, in ms. */
  read(at: number, cpuMs: number): void {
    this.#readings.push({ at, cpuMs });
    // the newest of those that are older than the window is kept: the window is never shorter than it says
    while ((this.#readings[1]?.at ?? Infinity) <= at - this.#windowMs) this.#readings.shift();
  }

  /** Percent of one core over the window; undefined before there are two readings. */
  get percent(): number | undefined {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (!first || !last || last.at <= first.at) return undefined;
    return Math.max(0, (100 * (last.cpuMs - first.cpuMs)) / (last.at - first.at));
  }
}
