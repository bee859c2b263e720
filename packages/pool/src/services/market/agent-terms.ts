import { type AgentTerms, partsLent, toHex } from "@aegis-pool/core";
import type { BondedOperators } from "./bonded-operators.js";
import type { AgentSession } from "./live.js";

/** On what terms a connected agent works. */
export function termsOf(
  { id, operatorKey, offer, attested }: AgentSession,
  bonded: Pick<BondedOperators, "has">,
): AgentTerms {
  const operator = toHex(operatorKey);
  const [isBonded, parts, floorPrice] = [bonded.has(operator), partsLent(offer), Number(offer.floorPrice)];
  return { agent: id, operator, isBonded, proven: attested?.proven, offer, parts, floorPrice };
}
