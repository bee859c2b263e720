/** Keys that are remembered at most; what was used longest ago is forgotten first. */
const remembered = 20_000;

interface Window {
  /** The oldest first. */
  readonly values: number[];
  /** Their median, once it has been asked for. */
  median: number | undefined;
}

/** The last values under each key, of the keys used last. */
export class Recent {
  readonly #windows = new Map<string, Window>();
  readonly #most: number;

  /** @param most values kept of each key */
  constructor(most: number) {
    this.#most = most;
  }

  add(key: string, value: number): void {
    const window = this.#windows.get(key) ?? { values: [], median: undefined };
    this.#windows.delete(key); // and in again, as the newest
    this.#windows.set(key, window);
    window.values.push(value);
    if (window.values.length > this.#most) window.values.shift();
    window.median = undefined;
    if (this.#windows.size > remembered) this.#windows.delete(this.#windows.keys().next().value ?? "");
  }

  count(key: string): number {
    return this.#windows.get(key)?.values.length ?? 0;
  }

  /** The middle value, or the mean of the middle two; undefined where there is none. */
  median(key: string): number | undefined {
    const window = this.#windows.get(key);
    return window && (window.median ??= middleOf(window.values));
  }
}

function middleOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
