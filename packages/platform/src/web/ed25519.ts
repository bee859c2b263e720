import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { equalBytes } from "@aegis-pool/core";

const { Point } = ed25519;
const order = Point.Fn.ORDER;

/**
 * Ed25519 verification (RFC 8032, section 5.1.7) as OpenSSL has it, so that no two participants ever disagree about a signature: without the cofactor,
 * s reduced, keys in any form of their point, but none of small order. The library's own check multiplies by the cofactor, and would take signatures that
 * others refuse.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = pointOf(publicKey);
  const s = littleEndian(signature.subarray(32));
  if (!key || s >= order) return false;
  const shown = signature.subarray(0, 32);
  const digest = sha512.create().update(shown).update(publicKey).update(message).digest();
  const k = littleEndian(digest) % order;
  const computed = Point.BASE.multiplyUnsafe(s).add(key.negate().multiplyUnsafe(k));
  return equalBytes(computed.toBytes(), shown);
}

function pointOf(bytes: Uint8Array): InstanceType<typeof Point> | undefined {
  try {
    const point = Point.fromBytes(bytes, true);
    return point.isSmallOrder() ? undefined : point;
  } catch {
    return undefined; // not a point on the curve
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}
