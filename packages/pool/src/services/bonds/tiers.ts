import { fromHex, nextTier, noTier, type Standing, type TierState, toHex } from "@aegis-pool/core";
import type pg from "pg";
import { bondedOperators, writeTier } from "../../store/bond-rows.js";
import type { Clock } from "../clock.js";
import type { Market } from "../market/index.js";

/** What tiers are built on. */
export interface TiersGround {
  readonly database: pg.Pool;
  readonly market: Pick<Market, "sessions" | "bonded">;
  readonly clock: Clock;
}

/** An operator's tier, and what it rests on. */
export interface TierNow {
  readonly state: TierState;
  readonly standing: Standing;
}

const nothing: Standing = { provenSpeed: 0, bond: 0n };

/** Which operators are bonded, by what their connected agents have proven and by what of their bonds counts. */
export class Tiers {
  readonly #database: pg.Pool;
  readonly #market: TiersGround["market"];
  readonly #clock: Clock;
  readonly #now = new Map<string, TierNow>();

  constructor({ database, market, clock }: TiersGround) {
    this.#database = database;
    this.#market = market;
    this.#clock = clock;
  }

  /** The operator, by key in hexadecimal, as of the last {@link Tiers.refresh}. */
  of(operator: string): TierNow {
    return this.#now.get(operator) ?? { state: noTier, standing: { ...nothing, provenSpeed: this.#proven(operator) } };
  }

  /** How many operators are of each tier. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { state } of this.#now.values()) counts.set(state.tier, (counts.get(state.tier) ?? 0) + 1);
    return counts;
  }

  /** Looks at every bond anew, tells the market and writes down what has changed. */
  async refresh(): Promise<void> {
    for (const [operator, { bond, state: before }] of await bondedOperators(this.#database)) {
      const standing = { provenSpeed: this.#proven(operator), bond };
      const state = nextTier(before, standing, this.#clock());
      this.#now.set(operator, { state, standing });
      this.#market.bonded.set(operator, state.tier !== "none");
      if (state.tier === before.tier && state.belowSince === before.belowSince) continue;
      await writeTier(this.#database, fromHex(operator) ?? new Uint8Array(0), state);
    }
  }

  /** µSCU that the operator's connected agents have proven together. */
  #proven(operator: string): number {
    let proven = 0;
    for (const { operatorKey, provenSpeed, offer } of this.#market.sessions.values()) {
      if (toHex(operatorKey) === operator) proven += provenSpeed * offer.slots;
    }
    return proven;
  }
}
