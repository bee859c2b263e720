import { type Primitives, ratingRules } from "@aegis-pool/core";
import type { Clock } from "../clock.js";
import type { Ratings } from "./ratings.js";

/** How often ratings are looked after, in ms. */
const sweepMs = 1_000;

/** Looks after ratings, and calls slots at times that nobody can foresee. */
export class SlotTimes {
  readonly #ratings: Pick<Ratings, "sweep" | "callSlot">;
  readonly #clock: Clock;
  readonly #primitives: Primitives;
  #nextSlot: number;

  constructor(ratings: Pick<Ratings, "sweep" | "callSlot">, clock: Clock, primitives: Primitives) {
    this.#ratings = ratings;
    this.#clock = clock;
    this.#primitives = primitives;
    this.#nextSlot = clock() + randomWait(primitives);
  }

  /** Does what is due now. */
  tick(): void {
    this.#ratings.sweep();
    if (this.#clock() < this.#nextSlot) return;
    this.#nextSlot = this.#clock() + randomWait(this.#primitives);
    this.#ratings.callSlot();
  }
}

/** Lets slots come as time goes by. @returns what stops that */
export function scheduleRatings(ratings: Ratings, clock: Clock, primitives: Primitives): () => void {
  const times = new SlotTimes(ratings, clock, primitives);
  const timer = setInterval(() => times.tick(), sweepMs);
  return () => clearInterval(timer);
}

/** Exponentially distributed: however long ago the last slot was, the next is as likely now as before. */
function randomWait(primitives: Primitives): number {
  const bytes = primitives.randomBytes(4);
  const uniform = (new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) + 1) / 2 ** 32;
  return -Math.log(uniform) * ratingRules.slotEveryMs;
}
