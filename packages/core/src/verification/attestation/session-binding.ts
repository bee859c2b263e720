import { ascii } from "../../shared/bytes.js";
import type { AttestationPlatform } from "./platform.js";

/** The keys that a report speaks of, 32 bytes each. */
export interface AttestedSession {
  /** The agent's Ed25519 key. */
  readonly agent: Uint8Array;
  /** The session's HPKE key, to which requesters seal: made anew for each connection, so that no report is older than it. */
  readonly hpke: Uint8Array;
  /** The pool's Ed25519 key. */
  readonly pool: Uint8Array;
}

const label = ascii("aegis-pool/v1/attestation\0");

/** The 64 bytes (REPORT_DATA) that a report about this session has: of any other session, agent or pool it would have others. */
export function sessionBinding(
  { agent, hpke, pool }: AttestedSession,
  platform: Pick<AttestationPlatform, "sha512">,
): Uint8Array {
  return platform.sha512(label, agent, hpke, pool);
}
