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
  readonly #everyMs: number;
  #nextSlot: number;

  /** @param everyMs mean time between slots */
  constructor(
    ratings: Pick<Ratings, "sweep" | "callSlot">,
    clock: Clock,
    primitives: Primitives,
    everyMs: number = ratingRules.slotEveryMs,
  ) {
    this.#ratings = ratings;
    this.#clock = clock;
    this.#primitives = primitives;
    this.#everyMs = everyMs;
    this.#nextSlot = clock() + this.#randomWait();
  }

  /** Does what is due now. */
  tick(): void {
    this.#ratings.sweep();
    if (this.#clock() < this.#nextSlot) return;
    this.#nextSlot = this.#clock() + this.#randomWait();
    this.#ratings.callSlot();
  }

  /** Exponentially distributed: however long ago the last slot was, the next is as likely now as before. */
  #randomWait(): number {
    const bytes = this.#primitives.randomBytes(4);
    const uniform = (new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) + 1) / 2 ** 32;
    return -Math.log(uniform) * this.#everyMs;
  }
}

/** Lets slots come as time goes by. @returns what stops that */
export function scheduleRatings(
  ratings: Ratings,
  { clock, primitives, everyMs }: { clock: Clock; primitives: Primitives; everyMs: number | undefined },
): () => void {
  const times = new SlotTimes(ratings, clock, primitives, everyMs);
  const timer = setInterval(() => times.tick(), sweepMs);
  return () => clearInterval(timer);
}
