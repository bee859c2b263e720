/** What is to be done one after another, of a bounded total weight. */
export class Turns {
  readonly #mostWaiting: number;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /** Does `work`, which never fails, when everything before it is done; false where too much waits. */
  take(work: () => Promise<void>, weight: number): boolean {
    if (this.#waiting + weight > this.#mostWaiting) return false;
    this.#waiting += weight;
    this.#last = this.#last.then(work).then(() => void (this.#waiting -= weight));
    return true;
  }
}
