import { type AgentTerms, toHex } from "@aegis-pool/core";
import type { BondedOperators } from "./bonded-operators.js";
import type { AgentSession } from "./live.js";

/** On what terms a connected agent works. */
export function termsOf({ id, operatorKey, offer }: AgentSession, bonded: Pick<BondedOperators, "has">): AgentTerms {
  const operator = toHex(operatorKey);
  return { agent: id, operator, isBonded: bonded.has(operator), offer, floorPrice: Number(offer.floorPrice) };
}
