import {
  type AttestationEvidence,
  type AttestationRefusal,
  describeAttestationRefusal,
  type SessionKey,
  verifyEvidence,
} from "@aegis-pool/core";
import { attestationPlatform } from "@aegis-pool/platform";
import type { PoolServices } from "../services/index.js";
import type { AttestedAgent } from "../services/market/live.js";

/** What an agent's evidence proves of the machine that holds its session's key, or why it is not taken, in words that begin with its name. */
export function attest(
  evidence: AttestationEvidence,
  session: Pick<SessionKey, "agent" | "hpke" | "pool">,
  { attestationRoots: roots, clock, log }: Pick<PoolServices, "attestationRoots" | "clock" | "log">,
): AttestedAgent | { readonly refusal: string } {
  const proven = verifyEvidence(evidence, { session, roots, now: clock(), platform: attestationPlatform });
  if (typeof proven !== "string") return { evidence, proven };
  log.warn({ reason: proven }, "attestation refused");
  return { refusal: sentence(proven) };
}

function sentence(refusal: AttestationRefusal): string {
  return `The attestation is refused, ${refusal}: ${describeAttestationRefusal(refusal)}.`;
}
