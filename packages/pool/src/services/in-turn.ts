/** Does one thing after another: what each reads is still true when it writes. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` after all that was given before, however that ended. */
  do<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
