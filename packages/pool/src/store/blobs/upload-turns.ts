import { superseded } from "./blob-errors.js";
import type { BlobId } from "./blob-store.js";

interface Turn {
  readonly controller: AbortController;
  /** Resolves when the turn's work has let go of the upload. */
  readonly over: Promise<void>;
}

/**
 * One request at a time works on an upload, and the newest wins: a sender whose connection hangs can go on over another
 * at once, rather than wait for the dead one to time out.
 */
export class UploadTurns {
  readonly #latest = new Map<BlobId, Turn>();

  /**
   * Does `work` once all earlier work on `id` has ended, which it asks for. `work` ends soon after its signal.
   * @throws {AegisError} `upload-superseded` where a newer call came before the work began; and what `work` throws
   */
  async take<T>(id: BlobId, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const previous = this.#latest.get(id);
    const controller = new AbortController();
    const result = (async () => {
      previous?.controller.abort();
      await previous?.over;
      if (controller.signal.aborted) throw superseded(id);
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

/** The items of `source` until `signal`; then throws `reason()`, without waiting for a source that hangs. */
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
    void iterator.return?.()?.catch(noMatter);
  }
}

// Not Promise.race: its loser's reactions would keep every chunk of a long upload in memory.
function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal, reason: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(reason());
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort))
      .catch(noMatter);
  });
}

function noMatter(): void {}
