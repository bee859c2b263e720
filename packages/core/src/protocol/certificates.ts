import type { Primitives } from "../privacy/primitives.js";
import { equalBytes } from "../shared/bytes.js";
import { signedBytes } from "../shared/batch-signature.js";
import { openStatement, readStatement } from "../shared/signed.js";
import { type AgentCertificate, agentEnrolment, type AgentEnrolment, operatorSigned } from "./statements/identity.js";

/** The enrolment in a certificate whose three signatures hold for this pool; undefined otherwise. */
export function verifyCertificate(
  certificate: AgentCertificate,
  pool: Uint8Array,
  primitives: Primitives,
): AgentEnrolment | undefined {
  const claimed = readStatement(agentEnrolment, operatorSigned(certificate));
  if (!claimed || !equalBytes(claimed.pool, pool)) return undefined;
  const { body, agentSignature, evmSignature } = certificate;
  const message = signedBytes(agentEnrolment.label, body);
  if (!primitives.verifyEd25519(claimed.agent, message, agentSignature)) return undefined;
  if (!primitives.verifySecp256k1(claimed.evm, message, evmSignature)) return undefined;
  return openStatement(agentEnrolment, operatorSigned(certificate), claimed.operator, primitives);
}
