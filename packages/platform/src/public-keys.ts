import { createPublicKey, type KeyObject } from "node:crypto";

/** SubjectPublicKeyInfo prefixes, RFC 8410 section 4 and RFC 5480 section 2 (compressed point). */
const spkiPrefix = {
  ed25519: Buffer.from("302a300506032b6570032100", "hex"),
  secp256k1: Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex"),
};

/** Parsing a key costs 30 µs, and the same few keys come again and again. */
const cacheEntries = 4_096;
const cache = new Map<string, KeyObject>();

/** The key object of a raw 32-byte Ed25519 public key; undefined where the bytes are none. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject | undefined {
  return raw.length === 32 ? parse(spkiPrefix.ed25519, raw) : undefined;
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
