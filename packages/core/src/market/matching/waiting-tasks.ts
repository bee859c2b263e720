/**
 * Tasks of one group that wait, the oldest first, with constant time for every operation. Tasks that come back from a lost
 * lease were taken from the front, so they are older than all that never left.
 */
export class WaitingTasks {
  /** Ages by number. */
  readonly #returned = new Map<number, number>();
  readonly #fresh = new Map<number, number>();

  /** Adds a task that has not been leased yet, at the back. */
  append(number: number, age: number): void {
    this.#fresh.set(number, age);
  }

  /** Adds a task whose lease was lost, before all that never had one. */
  giveBack(number: number, age: number): void {
    this.#returned.set(number, age);
  }

  /** @returns whether it waited */
  remove(number: number): boolean {
    return this.#returned.delete(number) || this.#fresh.delete(number);
  }

  get size(): number {
    return this.#returned.size + this.#fresh.size;
  }

  /** The task that comes first: its number and age; undefined where none waits. */
  get first(): readonly [number: number, age: number] | undefined {
    for (const first of this.#returned) return first;
    for (const first of this.#fresh) return first;
    return undefined;
  }
}
