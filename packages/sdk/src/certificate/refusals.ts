import { AegisError, type CertificateRefusal, type FileRefusal } from "@aegis-pool/core";

/** Why a certificate is not believed; scripts may rely on the names. */
export type QuorumRefusal = CertificateRefusal | FileRefusal;

/** What each reason means, to go after "it". */
const meanings: Readonly<Record<QuorumRefusal, string>> = {
  "too-large": "is longer than any certificate",
  "not-json": "is not JSON",
  "unknown-version": "is no certificate, or one of a version that is not known here",
  malformed: "has not the properties of a certificate, or one of another length",
  "not-canonical": "is written otherwise than certificates are, so it was changed",
  "other-pool": "is of another pool than the one that is trusted",
  "other-chain": "is for another chain",
  "quorum-invalid": "cannot be held to less than one operator",
  "too-few-operators": "has fewer signers than operators are demanded",
  "too-many-signers": "has more signers than a task has runs",
  "signers-unordered": "has its signers in another order than that of their operators' keys",
  "enrolment-invalid": "has a signer that its operator and itself have not enrolled at this pool",
  "agent-revoked": "has a signer whose operator has revoked it",
  "operator-repeated": "has two signers of one operator",
  "agent-repeated": "has one agent twice",
  "key-repeated": "has one secp256k1 key twice",
  "signature-malformed": "has a signature that is not 65 bytes with a last one of 27 or 28",
  "signature-high-s": "has a signature in the form that contracts refuse, into which anybody can turn one",
  "signature-wrong": "has a signature that is not its signer's of this result, pool and chain",
};

/** The error that says so. */
export function certificateRefused(reason: QuorumRefusal): AegisError {
  return new AegisError({
    code: "certificate-refused",
    message: `The certificate is refused (${reason}): it ${meanings[reason]}.`,
    next: "Do not act on it. Ask whoever gave it to you for another, or look up the reason in docs/errors/certificate-refused.md.",
  });
}
