/** What the check of an attestation asks of its platform, beside core's other primitives. */
export interface AttestationPlatform {
  /** SHA-256, FIPS 180-4. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** SHA-512, FIPS 180-4. */
  sha512(...parts: readonly Uint8Array[]): Uint8Array;
  /** An X.509 certificate in DER, RFC 5280; undefined where the bytes are none. Never throws on hostile bytes. */
  readCertificate(der: Uint8Array): PlatformCertificate | undefined;
  /**
   * ECDSA over P-384 with SHA-384, FIPS 186-5: whether `signature`, R and S of 48 bytes each, most significant byte first, is that of
   * `publicKey` (SubjectPublicKeyInfo in DER) over `message`. False for keys of other kinds. Never throws on hostile bytes.
   */
  verifyP384(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What the platform reads of a certificate. */
export interface PlatformCertificate {
  /** SubjectPublicKeyInfo, in DER. */
  readonly publicKey: Uint8Array;
  /** ms since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether it may vouch for others (basicConstraints). */
  readonly isAuthority: boolean;
  /** Whether the other names itself as this one's issuer, may be it, and has signed it. */
  isIssuedBy(issuer: PlatformCertificate): boolean;
}
