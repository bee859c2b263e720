import type { Primitives } from "../../privacy/primitives.js";
import type { AgentCertificate, AgentEnrolment } from "../../protocol/statements/identity.js";
import { equalBytes, toHex } from "../../shared/bytes.js";
import type { EvmPrimitives } from "./evm-primitives.js";
import { certificateLimits, type CertificateSigner, type QuorumCertificate } from "./quorum-certificate.js";
import type { RevokedAgents } from "./revocations.js";
import { refuseSignature, type SignatureRefusal } from "./signature.js";
import { certificateDigest } from "./typed-data.js";

/** Why a signer does not count. */
export type SignerRefusal =
  | SignatureRefusal
  | "enrolment-invalid"
  | "agent-revoked"
  | "operator-repeated"
  | "agent-repeated"
  | "key-repeated";

/** Why a certificate is not believed. */
export type CertificateRefusal =
  | SignerRefusal
  | "other-pool"
  | "other-chain"
  | "quorum-invalid"
  | "too-few-operators"
  | "too-many-signers"
  | "signers-unordered";

/** What a certificate is held to. */
export interface CertificateDemand {
  /** The Ed25519 key of the pool whose agents are believed. */
  readonly pool: Uint8Array;
  /** Undefined: whichever the certificate names. */
  readonly chainId?: number | undefined;
  /** How many operators must have signed, 1 or more. */
  readonly quorum: number;
  readonly revoked: RevokedAgents;
}

/** What certificates are verified with. */
export interface CertificatePrimitives extends Primitives, EvmPrimitives {
  /** `verifyCertificate` for a pool; passed in, so that enrolments seen before need not be verified again. */
  openEnrolment(certificate: AgentCertificate, pool: Uint8Array): AgentEnrolment | undefined;
}

/** Who has signed a certificate that is believed, in its order. */
export type VerifiedSigners = readonly AgentEnrolment[];

/** Who has signed, where the certificate is all that is demanded; else the first thing that is wrong with it. */
export function verifyQuorumCertificate(
  certificate: QuorumCertificate,
  demand: CertificateDemand,
  primitives: CertificatePrimitives,
): VerifiedSigners | CertificateRefusal {
  const refusal = refuseFrame(certificate, demand);
  if (refusal) return refusal;
  const { statement, domain, signers } = certificate;
  const counted = new CountedSigners(certificateDigest(statement, domain, primitives), demand, primitives);
  for (const signer of signers) {
    const refused = counted.add(signer);
    if (refused) return refused;
  }
  return inOrder(counted.enrolments) ? counted.enrolments : "signers-unordered";
}

function refuseFrame(
  { domain, signers }: QuorumCertificate,
  demand: CertificateDemand,
): CertificateRefusal | undefined {
  if (!Number.isSafeInteger(demand.quorum) || demand.quorum < 1) return "quorum-invalid";
  if (!equalBytes(domain.pool, demand.pool)) return "other-pool";
  if (demand.chainId !== undefined && demand.chainId !== domain.chainId) return "other-chain";
  if (signers.length > certificateLimits.signers) return "too-many-signers"; // before any of them costs a signature
  return signers.length < demand.quorum ? "too-few-operators" : undefined;
}

/** Signers of one digest, each of whom adds an operator. */
export class CountedSigners {
  readonly enrolments: AgentEnrolment[] = [];
  readonly #digest: Uint8Array;
  readonly #demand: Pick<CertificateDemand, "pool" | "revoked">;
  readonly #primitives: CertificatePrimitives;
  /** Keys of operators, of agents and on chain that have counted. */
  readonly #seen = { operator: new Set<string>(), agent: new Set<string>(), evm: new Set<string>() };

  constructor(
    digest: Uint8Array,
    demand: Pick<CertificateDemand, "pool" | "revoked">,
    primitives: CertificatePrimitives,
  ) {
    this.#digest = digest;
    this.#demand = demand;
    this.#primitives = primitives;
  }

  /** Counts a signer, or says why it does not count. */
  add({ enrolment: certificate, signature }: CertificateSigner): SignerRefusal | undefined {
    const enrolment = this.#primitives.openEnrolment(certificate, this.#demand.pool);
    if (!enrolment) return "enrolment-invalid";
    const refusal =
      this.#refuseKnown(enrolment) ?? refuseSignature(signature, this.#digest, enrolment.evm, this.#primitives);
    if (refusal) return refusal;
    for (const name of ["operator", "agent", "evm"] as const) this.#seen[name].add(toHex(enrolment[name]));
    this.enrolments.push(enrolment);
    return undefined;
  }

  #refuseKnown(enrolment: AgentEnrolment): SignerRefusal | undefined {
    if (this.#demand.revoked.has(enrolment)) return "agent-revoked";
    if (this.#seen.operator.has(toHex(enrolment.operator))) return "operator-repeated";
    if (this.#seen.agent.has(toHex(enrolment.agent))) return "agent-repeated";
    return this.#seen.evm.has(toHex(enrolment.evm)) ? "key-repeated" : undefined;
  }
}

/** Contracts see by the order alone that no operator comes twice. */
function inOrder(enrolments: VerifiedSigners): boolean {
  const operators = enrolments.map(({ operator }) => toHex(operator));
  return operators.every((operator, at) => at === 0 || (operators[at - 1] ?? "") < operator);
}
