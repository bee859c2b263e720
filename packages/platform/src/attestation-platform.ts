import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import type { AttestationPlatform, PlatformCertificate } from "@aegis-pool/core";
import { primitives } from "./primitives.js";

/** What core's check of attestations asks for, by Node.js' own OpenSSL: no native module, nothing is downloaded. */
export const attestationPlatform: AttestationPlatform = {
  sha256: (...parts) => primitives.sha256(...parts),
  sha512(...parts) {
    const whole = createHash("sha512");
    for (const part of parts) whole.update(part);
    return whole.digest();
  },
  readCertificate(der) {
    try {
      return new NodeCertificate(new X509Certificate(der));
    } catch {
      return undefined; // not a certificate, or with a key that OpenSSL does not read
    }
  },
  verifyP384(publicKey, message, signature) {
    const key = p384Key(publicKey);
    if (!key || signature.length !== 96) return false;
    return verify("sha384", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
};

class NodeCertificate implements PlatformCertificate {
  readonly publicKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isAuthority: boolean;
  readonly #certificate: X509Certificate;

  constructor(certificate: X509Certificate) {
    this.#certificate = certificate;
    this.publicKey = certificate.publicKey.export({ format: "der", type: "spki" });
    this.notBefore = Date.parse(certificate.validFrom);
    this.notAfter = Date.parse(certificate.validTo);
    this.isAuthority = certificate.ca;
  }

  isIssuedBy(issuer: PlatformCertificate): boolean {
    if (!(issuer instanceof NodeCertificate)) return false;
    const own = this.#certificate;
    return own.checkIssued(issuer.#certificate) && own.verify(issuer.#certificate.publicKey);
  }
}

function p384Key(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.namedCurve === "secp384r1" ? key : undefined;
  } catch {
    return undefined; // not a key
  }
}
