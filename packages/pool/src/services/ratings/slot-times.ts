import { type Primitives, ratingRules } from "@aegis-pool/core";
import type { Clock } from "../clock.js";
import type { Ratings } from "./ratings.js";

/** How often ratings are looked after, in ms. */
const sweepMs = 1_000;

/** Looks after ratings, and calls slots at times that nobody can foresee. @returns what stops that */
export function scheduleRatings(ratings: Ratings, clock: Clock, primitives: Primitives): () => void {
  let nextSlot = clock() + randomWait(primitives);
  const timer = setInterval(() => {
    ratings.sweep();
    if (clock() < nextSlot) return;
    nextSlot = clock() + randomWait(primitives);
    ratings.callSlot();
  }, sweepMs);
  return () => clearInterval(timer);
}

/** Exponentially distributed: however long ago the last slot was, the next is as likely now as before. */
function randomWait(primitives: Primitives): number {
  const bytes = primitives.randomBytes(4);
  const uniform = (new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) + 1) / 2 ** 32;
  return -Math.log(uniform) * ratingRules.slotEveryMs;
}
