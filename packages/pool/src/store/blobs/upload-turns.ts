import type { BlobId } from "./blob-store.js";

interface Turn {
  readonly controller: AbortController;
  /** Resolves when the turn's work has let go of the upload. */
  readonly over: Promise<void>;
}

/**
 * One request at a time works on an upload, in the order of their coming. Whoever waits for its sender while others
 * wait for it is asked to end: a sender whose connection hangs can go on over another at once.
 */
export class UploadTurns {
  readonly #latest = new Map<BlobId, Turn>();

  /** Does `work` once all earlier work on `id` has ended. Its signal comes when other work waits. */
  async take<T>(id: BlobId, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const previous = this.#latest.get(id);
    const controller = new AbortController();
    const result = (async () => {
      previous?.controller.abort();
      await previous?.over;
      return work(controller.signal);
    })();
    const turn = { controller, over: result.then(noMatter, noMatter) };
    this.#latest.set(id, turn);
    try {
      return await result;
    } finally {
      if (this.#latest.get(id) === turn) this.#latest.delete(id);
    }
  }
}

/** The items of `source`; after `signal` those only that are there already, then it throws `reason()`. */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
  reason: () => Error,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await unlessAborted(() => iterator.next(), signal, reason);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    void iterator.return?.()?.catch(noMatter); // not awaited: it may hang
  }
}

// Not Promise.race: its loser's reactions would keep every chunk of a long upload in memory.
function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal, reason: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // A turn of the event loop later: so that requests which come in step all get on, rather than end each other.
    const abort = (): void => void setImmediate(() => reject(reason()));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort))
      .catch(noMatter);
  });
}

function noMatter(): void {}
