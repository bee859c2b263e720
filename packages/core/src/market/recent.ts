/** Keys that are remembered at most; what was used longest ago is forgotten first. */
const remembered = 20_000;

/** The last values under each key, of the keys used last. */
export class Recent {
  readonly #windows = new Map<string, number[]>();
  readonly #most: number;

  /** @param most values kept of each key */
  constructor(most: number) {
    this.#most = most;
  }

  add(key: string, value: number): void {
    const window = this.#windows.get(key) ?? [];
    this.#windows.delete(key); // and in again, as the newest
    this.#windows.set(key, window);
    window.push(value);
    if (window.length > this.#most) window.shift();
    if (this.#windows.size > remembered) this.#windows.delete(this.#windows.keys().next().value ?? "");
  }

  count(key: string): number {
    return this.#windows.get(key)?.length ?? 0;
  }

  /** The middle value, or the mean of the middle two; undefined where there is none. */
  median(key: string): number | undefined {
    const sorted = this.#windows.get(key)?.toSorted((a, b) => a - b) ?? [];
    const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    return low === undefined || high === undefined ? undefined : (low + high) / 2;
  }
}
