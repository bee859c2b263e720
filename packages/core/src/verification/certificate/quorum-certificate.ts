import { protocolLimits } from "../../protocol/limits.js";
import type { AgentCertificate } from "../../protocol/statements/identity.js";
import type { ResultStatement } from "./result-statement.js";
import type { CertificateDomain } from "./typed-data.js";

/** One operator's agent that gave the result, with what shows that the key is its own. */
export interface CertificateSigner {
  /** Its enrolment, which operator, agent and secp256k1 key have signed. */
  readonly enrolment: AgentCertificate;
  /** Of the certificate's digest: r||s||v, 65 bytes. */
  readonly signature: Uint8Array;
}

/** Agents of different operators say that they have computed the same. */
export interface QuorumCertificate {
  readonly domain: CertificateDomain;
  readonly statement: ResultStatement;
  /** In the order of their operators' keys, none of whom comes twice. */
  readonly signers: readonly CertificateSigner[];
}

/** Bounds on certificates, here and in the contracts. */
export const certificateLimits = {
  /** No task has more runs. */
  signers: protocolLimits.runsPerTask,
  /** Of its file: a signer takes 2,700 bytes of it at most. */
  fileBytes: 128 * 1024,
} as const;
