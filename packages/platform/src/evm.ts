import { createRequire } from "node:module";
import type { EvmPrimitives } from "@aegis-pool/core";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { isLowS } from "./low-s.js";

type Secp256k1 = typeof import("tiny-secp256k1");

/**
 * libsecp256k1 as WebAssembly, the library that Bitcoin's own node uses. OpenSSL, which checks all other signatures, neither signs a digest that
 * is not SHA-2's nor recovers a key; @noble/curves does, in 3.5 ms a signature where this takes 0.36, and a certificate of three is to take 2.
 * Loaded at first use: most commands never need it.
 */
let loaded: Secp256k1 | undefined;
function secp256k1(): Secp256k1 {
  loaded ??= createRequire(import.meta.url)("tiny-secp256k1") as Secp256k1;
  return loaded;
}

/** What core asks for to make and check certificates. */
export const evmPrimitives: EvmPrimitives = {
  keccak256(...parts) {
    const [only] = parts;
    return keccak_256(only && parts.length === 1 ? only : Buffer.concat(parts));
  },
  recoverSecp256k1(digest, signature, parity) {
    if (digest.length !== 32 || signature.length !== 64) return undefined;
    try {
      return secp256k1().recover(digest, signature, parity, true) ?? undefined;
    } catch {
      return undefined; // r or s is 0 or not below the group's order
    }
  },
  isLowS,
};

/** The 20 bytes of the address that contracts know a compressed secp256k1 key by: the end of Keccak-256 of the point's coordinates. */
export function evmAddress(publicKey: Uint8Array): Uint8Array {
  const point = secp256k1().pointCompress(publicKey, false);
  return keccak_256(point.subarray(1)).subarray(12);
}

/** r||s||v of a digest under a 32-byte private key: s in the lower half, nonce by RFC 6979. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const { signature, recoveryId } = secp256k1().signRecoverable(digest, privateKey);
  // a recovery id above 1, for an r that was reduced by the order, has never been met: contracts could not take it
  if (recoveryId > 1) throw new RangeError("this digest has no signature that the EVM takes");
  return Buffer.concat([signature, Uint8Array.of(27 + recoveryId)]);
}
