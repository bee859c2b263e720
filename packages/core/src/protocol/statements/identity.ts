import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { batchLimits } from "../../shared/batch-signature.js";
import { Bytes, Exactly, Instant, Whole } from "../../shared/schema.js";
import type { Signed, StatementKind } from "../../shared/signed.js";

/** An operator vouches for an agent's keys. Signed by the operator; see {@link AgentCertificate}. */
export const agentEnrolment = kind(
  "agent-enrolment",
  Exactly({
    operator: Bytes(32),
    /** The agent's Ed25519 key, which is its identity. */
    agent: Bytes(32),
    /** The agent's compressed secp256k1 key, for certificates that contracts can check. */
    evm: Bytes(33),
    /** The pool this holds for: a certificate for one pool is worthless at another. */
    pool: Bytes(32),
    issuedAt: Instant,
  }),
);
export type AgentEnrolment = StatementOf<typeof agentEnrolment>;

/** An operator takes an agent's enrolment back, for ever. Signed by the operator. */
export const agentRevocation = kind(
  "agent-revocation",
  Exactly({ operator: Bytes(32), agent: Bytes(32), pool: Bytes(32), revokedAt: Instant }),
);
export type AgentRevocation = StatementOf<typeof agentRevocation>;

/** An agent's key for one connection: requesters seal content keys to it. Signed by the agent. */
export const sessionKey = kind(
  "session-key",
  Exactly({
    agent: Bytes(32),
    pool: Bytes(32),
    /** HPKE public key, DHKEM(X25519, HKDF-SHA256). Its private half lives in the agent's memory only. */
    hpke: Bytes(32),
    notBefore: Instant,
    notAfter: Instant,
  }),
);
export type SessionKey = StatementOf<typeof sessionKey>;

/** One side's proof at connection that it has its key: over both nonces and both keys, so nothing can be replayed or relayed. */
export const connectionProof = kind(
  "connection-proof",
  Exactly({
    role: Type.Union([Type.Literal("agent"), Type.Literal("pool")]),
    agent: Bytes(32),
    pool: Bytes(32),
    agentNonce: Bytes(32),
    poolNonce: Bytes(32),
  }),
);
export type ConnectionProof = StatementOf<typeof connectionProof>;

/** The head of the pool's append-only log. Signed by the pool, and part of every response. */
export const logHead = kind(
  "log-head",
  Exactly({ pool: Bytes(32), size: Whole(1), root: Bytes(32), signedAt: Instant }),
);
export type LogHead = StatementOf<typeof logHead>;

/** A signed statement as it travels. The largest is a manifest that names 64 operators and excludes 64 others. */
export const SignedSchema = Exactly({ body: Bytes(1, 8_192), signature: Bytes(64, batchLimits.signatureBytes) });

/** An enrolment with the proofs that the agent has both keys: the same bytes signed by operator, Ed25519 and secp256k1 key. */
export const AgentCertificate = Exactly({
  body: Bytes(1, 1_024),
  operatorSignature: Bytes(64),
  agentSignature: Bytes(64),
  evmSignature: Bytes(64),
});
export type AgentCertificate = Static<typeof AgentCertificate>;

/** The operator's signature of a certificate, as any signed statement. */
export function operatorSigned(certificate: AgentCertificate): Signed {
  return { body: certificate.body, signature: certificate.operatorSignature };
}

/** A statement kind from its label and the schema of its body. */
export function kind<S extends Type.TSchema>(label: string, schema: S): StatementKind<Static<S>> {
  const shape = Compile(schema);
  return { label, check: (value): value is Static<S> => shape.Check(value) };
}

/** The type of a kind's statements. */
export type StatementOf<K> = K extends StatementKind<infer T> ? T : never;
