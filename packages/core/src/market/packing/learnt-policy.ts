import type { Capacity, Demand } from "./capacity.js";
import { fragmentMilli, type PreparedMix, prepareMix, unsupportedMilli } from "./fragments.js";
import type { PackingPolicy } from "./machines.js";
import { SeenDemands } from "./mix.js";

/** The mix is learnt anew when so much has come since, as a part of what had come before. */
const relearnAfter = 0.2;

/**
 * The pool's packing: a placement costs what it adds to the milli-GPU that a further demand could not use
 * (`fragmentMilli`) and to those for which a machine's cores or memory would not last (`unsupportedMilli`). Which demands
 * will come it knows from those that have. Decision 016 has what each part gives on openb.
 */
export class LearntPolicy implements PackingPolicy {
  readonly #seen = new SeenDemands();
  #mix: PreparedMix = prepareMix([]);
  #sinceLearnt = 0;

  /** Counts only what asks for cards: cards are what is scarce. */
  learn(demand: Demand): boolean {
    if (demand.gpus === 0) return false;
    this.#seen.add(demand);
    this.#sinceLearnt += 1;
    if (this.#sinceLearnt <= relearnAfter * (this.#seen.total - this.#sinceLearnt)) return false;
    this.#sinceLearnt = 0;
    this.#mix = prepareMix(this.#seen.commonest());
    return true;
  }

  badness(capacity: Capacity): number {
    return fragmentMilli(capacity, this.#mix) + unsupportedMilli(capacity, this.#mix);
  }

  cost(before: number, after: number): number {
    return after - before;
  }
}
