import { setImmediate as breathe } from "node:timers/promises";

/** The pool is kept from other things for so long at a time, in ms. */
const sliceMs = 10;

/** Does work that comes in small steps, and lets the pool do all else between. */
export async function inSlices<T>(work: Generator<undefined, T>): Promise<T> {
  for (;;) {
    for (const until = performance.now() + sliceMs; performance.now() < until;) {
      const { done, value } = work.next();
      if (done) return value;
    }
    await breathe();
  }
}
