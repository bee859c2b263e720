import { AegisError, type ErrorCode } from "@aegis-pool/core";
import { stopped } from "./refusals.js";

/** The first wait after a failure and the longest, and when it is given up, in ms: a run goes on for days, and its pool may be moved meanwhile. */
const patience = { firstMs: 250, longestMs: 15_000, giveUpMs: 3_600_000 };

/** What passes by itself. */
const passing: ReadonlySet<ErrorCode> = new Set([
  "pool-unreachable",
  "pool-paused",
  "too-many",
  "database-failed",
  "database-lost",
  "database-unreachable",
]);

/**
 * Sends what may be sent twice until the pool has answered, waiting twice as long each time.
 * @throws what the pool refuses; {AegisError} `cancelled` by the signal, `pool-unreachable` after an hour without an answer
 */
export async function untilAnswered<T>(send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let waitedMs = 0;
  for (let waitMs = patience.firstMs; ; waitMs = Math.min(2 * waitMs, patience.longestMs)) {
    if (signal?.aborted) throw stopped();
    try {
      return await send();
    } catch (error) {
      if (signal?.aborted) throw stopped();
      const isPassing = error instanceof AegisError && passing.has(error.code);
      if (!isPassing || waitedMs >= patience.giveUpMs) throw error;
      waitedMs += waitMs;
      await pause(waitMs, signal);
    }
  }
}

/** @throws {AegisError} `cancelled` by the signal */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (signal?.aborted) return reject(stopped());
    const stop = () => {
      clearTimeout(timer);
      reject(stopped());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
