import { Worker } from "node:worker_threads";
import type { OpenedRow, ProductRefusal, SpeedChallenge } from "@aegis-pool/core";

/** What an agent has answered to a challenge. */
export interface Answer {
  readonly root: Uint8Array;
  readonly indices: readonly number[];
  readonly rows: readonly OpenedRow[];
}

/** What the thread is asked. */
export interface CheckRequest {
  readonly ticket: number;
  readonly challenge: SpeedChallenge;
  readonly answer: Answer;
}

/** What the thread says: no refusal where the answer holds. */
export interface CheckVerdict {
  readonly ticket: number;
  readonly refusal: ProductRefusal | undefined;
}

/** The same path from `src` and from `dist`, so that tests use the built file too. */
const threadFile = new URL("../../../dist/services/ratings/check-thread.js", import.meta.url);

interface Waiting {
  resolve(refusal: ProductRefusal | undefined): void;
  reject(error: unknown): void;
}

/**
 * Checks proofs of speed one after another in a thread of their own. At most one for each agent waits: an agent has one
 * challenge at a time.
 */
export class ProductChecks {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #tickets = 0;

  /**
   * Why the answer is not accepted, or undefined where it holds.
   * @throws whatever ended the thread; the next check gets another
   */
  check(challenge: SpeedChallenge, answer: Answer): Promise<ProductRefusal | undefined> {
    const thread = (this.#thread ??= this.#start());
    const ticket = this.#tickets++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
      thread.postMessage({ ticket, challenge, answer } satisfies CheckRequest);
    });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(threadFile);
    thread.on("message", ({ ticket, refusal }: CheckVerdict) => {
      this.#waiting.get(ticket)?.resolve(refusal);
      this.#waiting.delete(ticket);
    });
    thread.on("error", (error) => {
      this.#thread = undefined;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    });
    return thread;
  }
}
