import { type AgentTerms, toHex } from "@aegis-pool/core";
import type { AgentSession } from "./live.js";

/** On what terms a connected agent works. */
export function termsOf({ id, operatorKey, offer }: AgentSession): AgentTerms {
  return { agent: id, operator: toHex(operatorKey), offer, floorPrice: Number(offer.floorPrice) };
}
