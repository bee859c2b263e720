import { toHex } from "@aegis-pool/core";
import { termsOf } from "./agent-terms.js";
import type { MarketParts } from "./leases.js";

/** Operators, by key in hexadecimal, whose bond and proven speed give their agents the first refusal of complex tasks. */
export class BondedOperators {
  readonly #bonded = new Set<string>();
  readonly #market: Pick<MarketParts, "board" | "sessions" | "transitions">;

  constructor(market: Pick<MarketParts, "board" | "sessions" | "transitions">) {
    this.#market = market;
  }

  has(operator: string): boolean {
    return this.#bonded.has(operator);
  }

  /** The operator is bonded from now on, or no longer; its agents that are here go on with what they hold. */
  set(operator: string, isBonded: boolean): void {
    if (isBonded === this.#bonded.has(operator)) return;
    if (isBonded) this.#bonded.add(operator);
    else this.#bonded.delete(operator);
    for (const session of this.#market.sessions.values()) {
      if (toHex(session.operatorKey) !== operator) continue;
      this.#market.board.matching.addAgent(termsOf(session, this));
      this.#market.transitions.effects.onRoom(session.id);
    }
  }

  /** Whether an agent of one of them is connected. */
  areHere(): boolean {
    if (this.#bonded.size === 0) return false;
    for (const { operatorKey } of this.#market.sessions.values()) if (this.has(toHex(operatorKey))) return true;
    return false;
  }
}
