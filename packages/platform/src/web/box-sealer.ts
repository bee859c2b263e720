import { x25519 } from "@noble/curves/ed25519.js";
import { boxKeys, type BoxSealer, concatBytes } from "@aegis-pool/core";
import { primitives } from "./primitives.js";

const empty = new Uint8Array(0);

/** Single-shot HPKE (RFC 9180, section 6.1): what comes out is the encapsulated key, then the ciphertext. */
export const boxSealer: BoxSealer = {
  sealBox: (recipient, info, plaintext) => Promise.resolve(sealBox(recipient, info, plaintext)),
};

function sealBox(recipient: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
  const secret = primitives.randomBytes(32);
  const shared = agreed(secret, recipient);
  if (!shared) return undefined;
  const encapsulated = x25519.getPublicKey(secret);
  const { key, nonce } = boxKeys({ shared, encapsulated, recipient }, info, primitives);
  return concatBytes(encapsulated, ...primitives.aesGcmSeal(key, nonce, plaintext, empty));
}

/** Section 4.1: undefined where the secret would be zero, and where the bytes are no point. */
function agreed(secret: Uint8Array, recipient: Uint8Array): Uint8Array | undefined {
  try {
    return x25519.getSharedSecret(secret, recipient);
  } catch {
    return undefined; // a point of small order, or not 32 bytes
  }
}
