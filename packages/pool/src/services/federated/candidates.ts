import { type Roster, toHex } from "@aegis-pool/core";
import type { AgentSession } from "../market/live.js";

/** Whom a committee is drawn from. */
export interface CandidateTerms {
  /** Top price in nAIS per SCU-second. */
  readonly maxPrice: bigint;
  /** Whether an agent, by key in hexadecimal, has shown that it gives valid results. */
  readonly isTrusted: (agent: string) => boolean;
}

/** Connected agents that may be drawn: they offer the engine `aggregate` at a price that is paid, and are trusted. By ascending key. */
export function candidates(
  sessions: Iterable<AgentSession>,
  { maxPrice, isTrusted }: CandidateTerms,
): Roster["candidates"] {
  return [...sessions]
    .filter(
      ({ id, offer }) => offer.engines.includes("aggregate") && BigInt(offer.floorPrice) <= maxPrice && isTrusted(id),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ key, operatorKey, offer }) => ({ agent: key, operator: operatorKey, price: offer.floorPrice }));
}

/** How many operators `found` are of: at most one agent of each is drawn. */
export function operatorsOf(found: Roster["candidates"]): number {
  return new Set(found.map(({ operator }) => toHex(operator))).size;
}
