import { aheadMs, protocolLimits } from "@aegis-pool/core";

/** Weight of the newest run in the running mean. */
const newest = 0.2;

/**
 * How many leases an agent asks for: one for each slot, and for short tasks as many more as keep the slots busy while
 * keys travel. Long tasks are never held in advance, so that they do not wait here while other machines idle.
 */
export class Capacity {
  readonly #slots: number;
  #meanMs = 1_000;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** A run has taken this long. */
  observe(ranMs: number): void {
    this.#meanMs += (Math.max(ranMs, 0.5) - this.#meanMs) * newest;
  }

  get leases(): number {
    const ahead = Math.floor((this.#slots * aheadMs) / this.#meanMs);
    return Math.min(this.#slots + ahead, protocolLimits.leasesPerAgent);
  }
}
