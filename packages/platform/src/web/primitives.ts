import { ctr, gcm } from "@noble/ciphers/aes.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Primitives } from "@aegis-pool/core";
import { arithmetic } from "../sum-arithmetic.js";
import { verifiedBefore } from "../verified-before.js";
import { verifyEd25519 } from "./ed25519.js";
import { counterStream } from "./counter-stream.js";

const tagBytes = 16;
/** What `crypto.getRandomValues` gives at a time (Web Cryptography API, section 10.1.1). */
const mostRandomBytes = 65_536;

/** Core's primitives by the noble libraries, which are plain JavaScript: a page's own cryptography has none without waiting. */
export const primitives: Primitives = {
  sha256(...parts) {
    const [only] = parts;
    if (only && parts.length === 1) return sha256(only);
    const whole = sha256.create();
    for (const part of parts) whole.update(part);
    return whole.digest();
  },
  hmac(key, ...parts) {
    const whole = hmac.create(sha256, key);
    for (const part of parts) whole.update(part);
    return whole.digest();
  },
  hkdf: (secret, salt, info, length) => hkdf(sha256, secret, salt, info, length),
  aesGcmSeal(key, nonce, plaintext, additionalData) {
    const sealed = gcm(key, nonce, additionalData).encrypt(plaintext);
    const end = sealed.length - tagBytes;
    return [sealed.subarray(0, end), sealed.subarray(end)];
  },
  aesGcmOpen(key, nonce, sealed, additionalData) {
    if (sealed.length < tagBytes) return undefined;
    try {
      return gcm(key, nonce, additionalData).decrypt(sealed);
    } catch {
      return undefined; // the tag does not match
    }
  },
  aes128Ctr: (key, counter) => counterStream((at, length) => ctr(key, at).encrypt(new Uint8Array(length)), counter),
  verifyEd25519: (publicKey, message, signature) =>
    verifiedBefore([publicKey, signature, message], () => verifyEd25519(publicKey, message, signature)),
  verifySecp256k1(publicKey, message, signature) {
    if (publicKey.length !== 33 || signature.length !== 64) return false;
    try {
      return secp256k1.verify(signature, message, publicKey, { lowS: true, prehash: true, format: "compact" });
    } catch {
      return false; // not a point on the curve
    }
  },
  randomBytes(length) {
    const bytes = new Uint8Array(length);
    random(bytes);
    return bytes;
  },
  random,
  arithmetic,
  text: {
    encode: (text) => new TextEncoder().encode(text),
    decode: (bytes) => strictUtf8.decode(bytes),
  },
};

function random(into: Uint8Array): void {
  for (let start = 0; start < into.length; start += mostRandomBytes) {
    crypto.getRandomValues(into.subarray(start, start + mostRandomBytes));
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
