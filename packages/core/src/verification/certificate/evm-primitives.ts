/** What certificates ask of the platform beside {@link Primitives}: what the EVM computes with. */
export interface EvmPrimitives {
  /** Keccak-256 with the padding that Ethereum uses, which is not SHA3-256's. */
  keccak256(...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * The compressed key (33 bytes) under which an ECDSA signature (64 bytes, r||s) of a digest holds, whose ephemeral point has an odd y where
   * `parity` is 1 (SEC 1, section 4.1.6); undefined where there is none. Never throws on hostile bytes.
   */
  recoverSecp256k1(digest: Uint8Array, signature: Uint8Array, parity: 0 | 1): Uint8Array | undefined;
  /** Whether the s of r||s is in the lower half of the group's order (EIP-2). */
  isLowS(signature: Uint8Array): boolean;
}

/** Signs a digest that is computed already, as r||s||v: 65 bytes, s in the lower half, v 27 or 28, the same for the same digest. */
export interface DigestSigner {
  signDigest(digest: Uint8Array): Uint8Array;
}
