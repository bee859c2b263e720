/** Sums that go on from epoch to epoch, in nAIS by name: what was before, what an epoch adds, and what its file states they are then. */
export class RunningSums {
  #before: ReadonlyMap<string, bigint> | undefined;
  readonly #added = new Map<string, bigint>();
  readonly #stated = new Map<string, bigint>();

  /** @param before where that is known */
  constructor(before: ReadonlyMap<string, bigint> | undefined) {
    this.#before = before;
  }

  /** There was nothing before. */
  beginAnew(): void {
    this.#before = new Map();
  }

  add(name: string, amount: bigint): void {
    if (amount > 0n) this.#added.set(name, (this.#added.get(name) ?? 0n) + amount); // nobody is named for nothing
  }

  /** What this epoch adds. */
  get added(): ReadonlyMap<string, bigint> {
    return this.#added;
  }

  /** After this epoch, where it is known what was before. */
  of(name: string): bigint {
    return (this.#before?.get(name) ?? 0n) + (this.#added.get(name) ?? 0n);
  }

  /** All of them after this epoch, in the order of their names. */
  all(): Map<string, bigint> {
    const names = new Set([...(this.#before?.keys() ?? []), ...this.#added.keys()]);
    return new Map([...names].sort().map((name) => [name, this.of(name)]));
  }

  /** The file states a sum. @returns whether that is so, or no less where what was before is not known */
  state(name: string, sum: bigint): boolean {
    this.#stated.set(name, sum);
    return this.#before ? sum === this.of(name) : sum >= this.of(name);
  }

  get stated(): ReadonlyMap<string, bigint> {
    return this.#stated;
  }

  /** Whether the file states a sum for every name. */
  get isStated(): boolean {
    return [...this.all().keys()].every((name) => this.#stated.has(name));
  }
}

/** All together. */
export function sumOf(amounts: ReadonlyMap<string, bigint>): bigint {
  return [...amounts.values()].reduce((sum, one) => sum + one, 0n);
}
