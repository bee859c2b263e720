import {
  connectionProof,
  equalBytes,
  openStatement,
  protocolLimits,
  sessionKey,
  type Signed,
  signStatement,
  type ToAgent,
} from "@aegis-pool/core";
import { createHpkeKey, type HpkeKey, primitives } from "@aegis-pool/platform";
import type { AgentKeys } from "../identity/enrolment.js";

/** A key for one connection, and the agent's signature that it is its own. */
export interface Session {
  readonly hpke: HpkeKey;
  readonly statement: Signed;
  /** SHA-256 of the statement's body, to which HPKE contexts are bound. */
  readonly hash: Uint8Array;
}

/** A fresh session key. Its private half lives in this object only. */
export async function createSession(keys: AgentKeys, pool: Uint8Array, now: number): Promise<Session> {
  const hpke = await createHpkeKey();
  const statement = signStatement(
    sessionKey,
    {
      agent: keys.agent.publicKey,
      pool,
      hpke: hpke.publicKey,
      notBefore: now,
      notAfter: now + protocolLimits.sessionMs,
    },
    keys.agent,
  );
  return { hpke, statement, hash: primitives.sha256(statement.body) };
}

/** Checks the pool's proof and makes the agent's: both are over both nonces and both keys. */
export function answerChallenge(
  challenge: Extract<ToAgent, { type: "challenge" }>,
  own: { readonly keys: AgentKeys; readonly pool: Uint8Array; readonly nonce: Uint8Array },
): Signed | "pool-key-changed" | "bad-signature" {
  if (!equalBytes(challenge.pool, own.pool)) return "pool-key-changed";
  const agent = own.keys.agent.publicKey;
  const both = { agent, pool: own.pool, agentNonce: own.nonce, poolNonce: challenge.nonce };
  const proof = openStatement(connectionProof, challenge.proof, own.pool, primitives);
  const genuine =
    proof?.role === "pool" &&
    equalBytes(proof.agent, both.agent) &&
    equalBytes(proof.pool, both.pool) &&
    equalBytes(proof.agentNonce, both.agentNonce) &&
    equalBytes(proof.poolNonce, both.poolNonce);
  if (!genuine) return "bad-signature";
  return signStatement(connectionProof, { ...both, role: "agent" }, own.keys.agent);
}
