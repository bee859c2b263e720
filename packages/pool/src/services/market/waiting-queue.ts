/**
 * Task numbers that wait, the oldest first, with constant time for every operation. Tasks that come back from a lost
 * lease were taken from the front, so they are older than all that never left.
 */
export class WaitingQueue {
  readonly #returned = new Set<number>();
  readonly #fresh = new Set<number>();

  /** Adds a task that has not been leased yet, at the back. */
  append(number: number): void {
    this.#fresh.add(number);
  }

  /** Adds a task whose lease was lost, before all that never had one. */
  giveBack(number: number): void {
    this.#returned.add(number);
  }

  remove(number: number): void {
    if (!this.#returned.delete(number)) this.#fresh.delete(number);
  }

  /** The number that comes first, or undefined where none waits. */
  get first(): number | undefined {
    const [first] = this;
    return first;
  }

  *[Symbol.iterator](): Generator<number> {
    yield* this.#returned;
    yield* this.#fresh;
  }
}
