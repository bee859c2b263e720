import { diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ascii, concatBytes } from "@aegis-pool/core";
import { primitives } from "./primitives.js";
import { x25519PublicKey } from "./public-keys.js";

/*
 * Single-shot boxes of HPKE in base mode (RFC 9180, section 6.1) by Node.js' own OpenSSL, without waiting: 0.1 ms each, where the library's way over
 * WebCrypto takes 0.9 and a thread. A participant seals one for each member, and each member opens one from every participant.
 */

const [empty, zero, one] = [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(1)];
const version = ascii("HPKE-v1");
/** DHKEM(X25519, HKDF-SHA256); with HKDF-SHA256 and AES-256-GCM: RFC 9180, sections 4.1 and 5.1. */
const kem = concatBytes(ascii("KEM"), Uint8Array.of(0, 0x20));
const suite = concatBytes(ascii("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 2));
/** Of an encapsulated key. */
const encapsulatedBytes = 32;

/** Encapsulated key, then ciphertext; undefined where `recipient` is not a point of the curve or of small order. */
export function sealBox(recipient: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
  const publicKey = x25519PublicKey(recipient);
  const ephemeral = generateKeyPairSync("x25519");
  const shared = publicKey && agreed(ephemeral.privateKey, publicKey);
  if (!shared) return undefined;
  const encapsulated = Buffer.from(ephemeral.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const { key, nonce } = schedule(shared, concatBytes(encapsulated, recipient), info);
  return concatBytes(encapsulated, ...primitives.aesGcmSeal(key, nonce, plaintext, empty));
}

/** What was sealed for the key under `info`, or undefined. @param publicKey of `privateKey` */
export function openBox(
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: Uint8Array },
  info: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  const encapsulated = box.subarray(0, encapsulatedBytes);
  const theirs = x25519PublicKey(encapsulated);
  const shared = theirs && agreed(privateKey, theirs);
  if (!shared) return undefined;
  const { key, nonce } = schedule(shared, concatBytes(encapsulated, publicKey), info);
  return primitives.aesGcmOpen(key, nonce, box.subarray(encapsulatedBytes), empty);
}

/** Section 4.1: undefined where the secret would be zero, whoever sends. */
function agreed(privateKey: KeyObject, publicKey: KeyObject): Uint8Array | undefined {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return undefined; // a point of small order
  }
}

/** Sections 4.1 and 5.1: the key and the nonce of the one message. */
function schedule(shared: Uint8Array, kemContext: Uint8Array, info: Uint8Array) {
  const sharedSecret = expand(extract(empty, kem, "eae_prk", shared), kem, "shared_secret", kemContext, 32);
  const context = concatBytes(zero, pskIdHash, extract(empty, suite, "info_hash", info));
  const secret = extract(sharedSecret, suite, "secret", empty);
  return {
    key: expand(secret, suite, "key", context, 32),
    nonce: expand(secret, suite, "base_nonce", context, 12),
  };
}

const pskIdHash = extract(empty, suite, "psk_id_hash", empty);

/** LabeledExtract, section 4. */
function extract(salt: Uint8Array, suiteId: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  return primitives.hmac(salt, concatBytes(version, suiteId, ascii(label), input));
}

/** LabeledExpand, section 4, of one block: 32 bytes at most. */
function expand(secret: Uint8Array, suiteId: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  const labeled = concatBytes(Uint8Array.of(0, length), version, suiteId, ascii(label), info, one);
  return primitives.hmac(secret, labeled).subarray(0, length);
}
