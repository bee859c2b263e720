import { createPublicKey, type KeyObject } from "node:crypto";

/** SubjectPublicKeyInfo prefix of an X25519 key, RFC 8410, section 4. */
export const x25519SpkiPrefix = Buffer.from("302a300506032b656e032100", "hex");

/** SubjectPublicKeyInfo prefixes, RFC 8410 section 4 and RFC 5480 section 2 (compressed point). */
const spkiPrefix = {
  ed25519: Buffer.from("302a300506032b6570032100", "hex"),
  secp256k1: Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex"),
};

/** Parsing a key costs 30 µs, and the same few keys come again and again. */
const cacheEntries = 4_096;
const cache = new Map<string, KeyObject>();

/**
 * The y coordinates of the eight points of small order, with their non-canonical forms, little-endian and without the
 * sign bit. Under such a key one signature fits many messages, so nobody could be held to what it signed.
 */
const smallOrder: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** The key object of a raw 32-byte Ed25519 public key; undefined where the bytes are none or of small order. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject | undefined {
  return raw.length === 32 && !hasSmallOrder(raw) ? parse(spkiPrefix.ed25519, raw) : undefined;
}

/** The key object of a raw 32-byte X25519 public key; undefined where there are more or fewer bytes. */
export function x25519PublicKey(raw: Uint8Array): KeyObject | undefined {
  return raw.length === 32 ? parse(x25519SpkiPrefix, raw) : undefined;
}

function hasSmallOrder(raw: Uint8Array): boolean {
  const y = Buffer.from(raw);
  y[31]! &= 0x7f;
  return smallOrder.has(y.toString("hex"));
}

/** The key object of a compressed 33-byte secp256k1 public key; undefined where the bytes are none. */
export function secp256k1PublicKey(raw: Uint8Array): KeyObject | undefined {
  return raw.length === 33 ? parse(spkiPrefix.secp256k1, raw) : undefined;
}

function parse(prefix: Buffer, raw: Uint8Array): KeyObject | undefined {
  const der = Buffer.concat([prefix, raw]);
  const name = der.toString("latin1");
  const known = cache.get(name);
  if (known) return known;
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    if (cache.size >= cacheEntries) cache.delete(cache.keys().next().value ?? "");
    cache.set(name, key);
    return key;
  } catch {
    return undefined; // not a point on the curve
  }
}
