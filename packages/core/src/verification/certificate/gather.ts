import type { ContentKey } from "../../privacy/keys.js";
import type { AgentCertificate, AgentEnrolment } from "../../protocol/statements/identity.js";
import { toHex } from "../../shared/bytes.js";
import { openAttestation } from "./attestation.js";
import { certificateLimits, type CertificateSigner, type QuorumCertificate } from "./quorum-certificate.js";
import type { ResultStatement } from "./result-statement.js";
import type { RevokedAgents } from "./revocations.js";
import { type CertificateDomain, certificateDigest } from "./typed-data.js";
import { type CertificatePrimitives, CountedSigners, type SignerRefusal } from "./verify.js";

/** What an agent has sent its requester about one run. */
export interface SealedAttestation {
  readonly enrolment: AgentCertificate;
  /** See `sealAttestation`. */
  readonly sealed: Uint8Array;
}

/** Why an attestation is not part of the certificate. "unopened": sealed for another task, or by another agent. */
export type GatherRefusal = SignerRefusal | "unopened" | "too-many-signers";

/** What a requester knows of a task that agents have agreed on. */
export interface AgreedTask {
  readonly content: ContentKey;
  /** Of the requester's own program and input, and the result that it has opened: what an agent signed otherwise does not count. */
  readonly statement: ResultStatement;
  readonly domain: CertificateDomain;
  readonly attestations: readonly SealedAttestation[];
  readonly revoked: RevokedAgents;
}

/** A certificate of all attestations that hold, and what is wrong with the others, by their index. */
export interface GatheredCertificate {
  /** It may have fewer signers than were hoped for, or none. */
  readonly certificate: QuorumCertificate;
  readonly refused: ReadonlyMap<number, GatherRefusal>;
}

/** Makes a certificate out of what agents have sent. Of several agents of one operator the first counts. */
export function gatherCertificate(task: AgreedTask, primitives: CertificatePrimitives): GatheredCertificate {
  const { domain, statement, attestations, revoked } = task;
  const digest = certificateDigest(statement, domain, primitives);
  const counted = new CountedSigners(digest, { pool: domain.pool, revoked }, primitives);
  const refused = new Map<number, GatherRefusal>();
  const signers: CertificateSigner[] = [];
  for (const [index, attestation] of attestations.entries()) {
    const signer = openSigner(attestation, task, primitives);
    const refusal = isFull(signers) ? "too-many-signers" : typeof signer === "string" ? signer : counted.add(signer);
    if (refusal) refused.set(index, refusal);
    else if (typeof signer !== "string") signers.push(signer);
  }
  return { certificate: { domain, statement, signers: sorted(signers, counted.enrolments) }, refused };
}

const isFull = (signers: readonly CertificateSigner[]) => signers.length === certificateLimits.signers;

function openSigner(
  { enrolment, sealed }: SealedAttestation,
  { domain, content }: AgreedTask,
  primitives: CertificatePrimitives,
): CertificateSigner | "enrolment-invalid" | "unopened" {
  const agent = primitives.openEnrolment(enrolment, domain.pool)?.agent;
  if (!agent) return "enrolment-invalid";
  const signature = openAttestation(sealed, agent, content, primitives);
  return signature ? { enrolment, signature } : "unopened";
}

/** `signers`, of whom these are the enrolments, in the order of their operators' keys. */
function sorted(signers: readonly CertificateSigner[], enrolments: readonly AgentEnrolment[]): CertificateSigner[] {
  const operators = new Map(signers.map((signer, at) => [signer, toHex(enrolments[at]?.operator ?? new Uint8Array())]));
  const nameOf = (signer: CertificateSigner) => operators.get(signer) ?? "";
  return [...signers].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
