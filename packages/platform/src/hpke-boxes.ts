import { diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { boxKeys, concatBytes } from "@aegis-pool/core";
import { primitives } from "./primitives.js";
import { x25519PublicKey } from "./public-keys.js";

/*
 * Single-shot boxes of HPKE in base mode (RFC 9180, section 6.1) by Node.js' own OpenSSL, without waiting: 0.1 ms each, where the library's way over
 * WebCrypto takes 0.9 and a thread. A participant seals one for each member, and each member opens one from every participant.
 */

const empty = new Uint8Array(0);
/** Of an encapsulated key. */
const encapsulatedBytes = 32;

/** Encapsulated key, then ciphertext; undefined where `recipient` is not a point of the curve or of small order. */
export function sealBox(recipient: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
  const publicKey = x25519PublicKey(recipient);
  const ephemeral = generateKeyPairSync("x25519");
  const shared = publicKey && agreed(ephemeral.privateKey, publicKey);
  if (!shared) return undefined;
  // not as a JSON Web Key: see `secretOf` in signers.ts
  const encapsulated = ephemeral.publicKey.export({ format: "der", type: "spki" }).subarray(-encapsulatedBytes);
  const { key, nonce } = boxKeys({ shared, encapsulated, recipient }, info, primitives);
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
  const { key, nonce } = boxKeys({ shared, encapsulated, recipient: publicKey }, info, primitives);
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
