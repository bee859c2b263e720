import {
  connectionProof,
  equalBytes,
  isConsistent,
  type Offer,
  type Lease,
  openStatement,
  protocolLimits,
  type SessionKey,
  sessionKey,
  type Signed,
  signStatement,
  toHex,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import type { KnownAgent } from "../services/identities.js";
import type { AttestedAgent } from "../services/market/live.js";
import { attest } from "./attest.js";

/** An agent that has proven its key. */
export interface ProvenAgent {
  readonly key: Uint8Array;
  readonly known: KnownAgent;
  readonly session: Signed;
  readonly offer: Offer;
  readonly held: readonly Lease[];
  readonly attested: AttestedAgent | undefined;
}

/** What comes of a message of the handshake. */
export type HandshakeStep =
  | { readonly kind: "challenge"; readonly message: ToAgent }
  | { readonly kind: "proven"; readonly proven: ProvenAgent }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

type Hello = Extract<ToPool, { type: "hello" }>;
type Prove = Extract<ToPool, { type: "prove" }>;

/**
 * Both sides prove their keys over both nonces and both keys: the pool first, so that an agent which pins another pool's
 * key leaves without having said who it is beyond its public key.
 */
export class Handshake {
  readonly #services: PoolServices;
  readonly #nonce: Uint8Array;
  #hello: Hello | undefined;

  constructor(services: PoolServices) {
    this.#services = services;
    this.#nonce = services.primitives.randomBytes(32);
  }

  advance(message: ToPool): HandshakeStep {
    if (message.type === "hello" && !this.#hello) return this.#challenge(message);
    if (message.type === "prove" && this.#hello) return this.#verify(this.#hello, message);
    return refused("bad-message", `"${message.type}" is not expected now: hello, then prove.`);
  }

  #challenge(hello: Hello): HandshakeStep {
    this.#hello = hello;
    const { signer } = this.#services;
    const proof = signStatement(connectionProof, this.#statement("pool", hello), signer);
    return {
      kind: "challenge",
      message: { type: "challenge", pool: signer.publicKey, nonce: this.#nonce, proof },
    };
  }

  #verify(hello: Hello, { proof, certificate, session, offer, held, attestation }: Prove): HandshakeStep {
    const { primitives } = this.#services;
    const known = this.#admitted(hello.agent);
    if ("kind" in known) return known;
    const statement = openStatement(connectionProof, proof, hello.agent, primitives);
    if (!statement || !sameProof(statement, this.#statement("agent", hello))) {
      return refused("bad-signature", "The proof is not signed by the agent's key for this connection.");
    }
    if (!equalBytes(certificate.body, known.certificate.body)) {
      return refused("bad-signature", "The certificate is not the one this agent was enrolled with.");
    }
    const key = this.#sessionKey(session, hello.agent);
    if (!key) {
      return refused("stale-session", "The session key is not signed by the agent, for this pool and for now.");
    }
    if (!isConsistent(offer)) {
      return refused("bad-message", "The offer has a graphics card, but not one slot of a class of cards.");
    }
    const attested = attestation && attest(attestation, key, this.#services);
    if (attested && "refusal" in attested) return refused("attestation-refused", attested.refusal);
    return { kind: "proven", proven: { key: hello.agent, known, session, offer, held, attested } };
  }

  #admitted(agent: Uint8Array): KnownAgent | Extract<HandshakeStep, { kind: "refused" }> {
    const { administration, identities } = this.#services;
    const known = identities.find(toHex(agent));
    if (!known) return refused("not-found", "This agent is not enrolled here: enrol it first.");
    if (known.revoked) return refused("certificate-revoked", "The operator of this agent has revoked it.");
    if (administration.isBanned("agent", toHex(agent)) || administration.isBanned("operator", toHex(known.operator))) {
      return refused("banned", "Those who run the pool have banned this agent or its operator.");
    }
    return known;
  }

  #sessionKey(session: Signed, agent: Uint8Array): SessionKey | undefined {
    const { primitives, clock, signer } = this.#services;
    const statement = openStatement(sessionKey, session, agent, primitives);
    if (!statement) return undefined;
    const now = clock();
    const fresh =
      statement.notBefore <= now + protocolLimits.clockSkewMs &&
      statement.notAfter > now &&
      statement.notAfter - statement.notBefore <= protocolLimits.sessionMs;
    const own = equalBytes(statement.agent, agent) && equalBytes(statement.pool, signer.publicKey);
    return fresh && own ? statement : undefined;
  }

  #statement(role: "agent" | "pool", { agent, nonce }: Hello) {
    const pool = this.#services.signer.publicKey;
    return { role, agent, pool, agentNonce: nonce, poolNonce: this.#nonce };
  }
}

function sameProof(a: Proof, b: Proof): boolean {
  return (
    a.role === b.role &&
    equalBytes(a.agent, b.agent) &&
    equalBytes(a.pool, b.pool) &&
    equalBytes(a.agentNonce, b.agentNonce) &&
    equalBytes(a.poolNonce, b.poolNonce)
  );
}

interface Proof {
  role: string;
  agent: Uint8Array;
  pool: Uint8Array;
  agentNonce: Uint8Array;
  poolNonce: Uint8Array;
}

function refused(code: string, message: string): Extract<HandshakeStep, { kind: "refused" }> {
  return { kind: "refused", code, message };
}
