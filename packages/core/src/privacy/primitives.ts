import type { SumArithmetic } from "../federated/secure-sum/arithmetic.js";
import type { ByteStream } from "../shared/byte-stream.js";

/**
 * What core asks of its platform: cryptographic primitives, each named by its standard. Synchronous, because each
 * is microseconds long; a browser can serve them by a pure-JavaScript library.
 */
export interface Primitives {
  /** SHA-256, FIPS 180-4. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC-SHA256, RFC 2104. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** HKDF-SHA256, RFC 5869: `length` bytes. */
  hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** AES-256-GCM, SP 800-38D. The tag is 16 bytes; it follows the ciphertext in everything that is sealed. */
  aesGcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array,
  ): readonly [ciphertext: Uint8Array, tag: Uint8Array];
  /** The plaintext, or undefined where key, nonce, additional data or a bit of `sealed` is wrong. */
  aesGcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array,
  ): Uint8Array | undefined;
  /** AES-128 in counter mode, SP 800-38A, section 6.5: the keystream from the 16-byte `counter` on. */
  aes128Ctr(key: Uint8Array, counter: Uint8Array): ByteStream;
  /** Ed25519, RFC 8032: whether `signature` is `publicKey`'s over `message`; never for a key of small order. Never throws on hostile bytes. May remember what it has verified. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** ECDSA over secp256k1 with SHA-256; compressed key, 64-byte r||s with s in the lower half. Never throws on hostile bytes. */
  verifySecp256k1(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** `length` bytes nobody can guess. */
  randomBytes(length: number): Uint8Array;
  /** The same, without end. */
  readonly random: ByteStream;
  /** Not cryptography, but what masks are added by. */
  arithmetic: SumArithmetic;
  /** UTF-8. */
  text: { encode(text: string): Uint8Array; decode(bytes: Uint8Array): string };
}

/** A private key that signs, and its public half. The private half never leaves the object. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}
