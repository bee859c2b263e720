import { equalBytes } from "../../shared/bytes.js";
import type { DigestSigner, EvmPrimitives } from "./evm-primitives.js";
import type { ResultStatement } from "./result-statement.js";
import { type CertificateDomain, certificateDigest, type DigestPrimitives } from "./typed-data.js";

/** Bytes of a signature, r||s||v, as contracts take it. */
export const signatureBytes = 65;

/** Why a signature does not count. */
export type SignatureRefusal = "signature-malformed" | "signature-high-s" | "signature-wrong";

/** An agent's signature of what it ran, for a certificate: 65 bytes, r||s||v. */
export function signResult(
  statement: ResultStatement,
  domain: CertificateDomain,
  key: DigestSigner,
  primitives: DigestPrimitives,
): Uint8Array {
  return key.signDigest(certificateDigest(statement, domain, primitives));
}

/** What keeps `signature` from being the one by `key` (compressed, 33 bytes) of `digest`; undefined where nothing does. */
export function refuseSignature(
  signature: Uint8Array,
  digest: Uint8Array,
  key: Uint8Array,
  primitives: Pick<EvmPrimitives, "recoverSecp256k1" | "isLowS">,
): SignatureRefusal | undefined {
  const v = signature[64];
  if (signature.length !== signatureBytes || (v !== 27 && v !== 28)) return "signature-malformed";
  const rs = signature.subarray(0, 64);
  if (!primitives.isLowS(rs)) return "signature-high-s"; // of its two forms contracts take one
  const recovered = primitives.recoverSecp256k1(digest, rs, v === 27 ? 0 : 1);
  return recovered && equalBytes(recovered, key) ? undefined : "signature-wrong";
}
