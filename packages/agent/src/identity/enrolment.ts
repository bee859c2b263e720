import {
  agentEnrolment,
  type AgentCertificate,
  type DigestSigner,
  signedBytes,
  type Signer,
  toCbor,
} from "@aegis-pool/core";

/** The three keys behind an agent: its operator's, its own, and the one that contracts can check. */
export interface AgentKeys {
  readonly operator: Signer;
  /** Ed25519. */
  readonly agent: Signer;
  /** secp256k1: it also signs results, for certificates. */
  readonly evm: Signer & DigestSigner;
}

/** A certificate for one pool: the operator vouches for both keys of the agent, and both keys sign that they agree. */
export function certify({ operator, agent, evm }: AgentKeys, pool: Uint8Array, now: number): AgentCertificate {
  const body = toCbor({
    operator: operator.publicKey,
    agent: agent.publicKey,
    evm: evm.publicKey,
    pool,
    issuedAt: now,
  });
  const message = signedBytes(agentEnrolment.label, body);
  return {
    body,
    operatorSignature: operator.sign(message),
    agentSignature: agent.sign(message),
    evmSignature: evm.sign(message),
  };
}
