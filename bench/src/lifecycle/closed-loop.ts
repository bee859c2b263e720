/** What is done by a closed loop. */
export interface Load {
  /** How many in all. */
  readonly total: number;
  /** How many are on their way at a time. */
  readonly inFlight: number;
  /** Sends so many more on their way; resolves when whoever does the work has acknowledged that. */
  readonly submit: (count: number) => Promise<unknown>;
}

/** Sends the next as soon as others have ended: as many together as have ended while the last were being sent. */
export class ClosedLoop {
  readonly #load: Load;
  #ended = 0;
  #wake: () => void = () => undefined;

  constructor(load: Load) {
    this.#load = load;
  }

  /** So many have ended. */
  ended(count: number): void {
    this.#ended += count;
    this.#wake();
  }

  /** @returns seconds from the first submission until all have ended */
  async run(): Promise<number> {
    const { total, inFlight, submit } = this.#load;
    const started = performance.now();
    let submitted = 0;
    while (this.#ended < total) {
      const room = Math.min(total - submitted, inFlight - (submitted - this.#ended));
      if (room === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      submitted += room;
      await submit(room);
    }
    return (performance.now() - started) / 1_000;
  }
}
