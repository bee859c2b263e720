import { createPublicKey, type KeyObject } from "node:crypto";

/** SubjectPublicKeyInfo prefix of a compressed point, RFC 5480, section 2. */
const secp256k1Prefix = Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex");

/** Parsing a key costs up to 70 µs, and the same few keys come again and again. */
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
  if (raw.length !== 32 || hasSmallOrder(raw)) return undefined;
  return remembered("ed25519", raw, () => octetKey("Ed25519", raw));
}

/** The key object of a raw 32-byte X25519 public key; undefined where there are more or fewer bytes. */
export function x25519PublicKey(raw: Uint8Array): KeyObject | undefined {
  return raw.length === 32 ? octetKey("X25519", raw) : undefined;
}

/** RFC 8037. As a JSON Web Key: 5 µs, where OpenSSL 3 takes 70 for the same key in DER. */
function octetKey(crv: "Ed25519" | "X25519", raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv, x }, format: "jwk" });
}

function hasSmallOrder(raw: Uint8Array): boolean {
  const y = Buffer.from(raw);
  y[31]! &= 0x7f;
  return smallOrder.has(y.toString("hex"));
}

/** The key object of a compressed 33-byte secp256k1 public key; undefined where the bytes are none. */
export function secp256k1PublicKey(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== 33) return undefined;
  const der = Buffer.concat([secp256k1Prefix, raw]);
  return remembered("secp256k1", raw, () => createPublicKey({ key: der, format: "der", type: "spki" }));
}

function remembered(kind: string, raw: Uint8Array, parse: () => KeyObject): KeyObject | undefined {
  const name = kind + Buffer.from(raw).toString("latin1");
  const known = cache.get(name);
  if (known) return known;
  try {
    const key = parse();
    if (cache.size >= cacheEntries) cache.delete(cache.keys().next().value ?? "");
    cache.set(name, key);
    return key;
  } catch {
    return undefined; // not a point on the curve
  }
}
