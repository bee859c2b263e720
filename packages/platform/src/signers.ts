import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { DigestSigner, Signer } from "@aegis-pool/core";
import { signDigest } from "./evm.js";
import { withLowS } from "./low-s.js";

/** A signer whose private key can be written to a file of the owner's. */
export interface StoredSigner extends Signer {
  /** PKCS #8 PEM, a secret. */
  exportPem(): string;
}

/** A secp256k1 key: it signs statements as others do, by ECDSA over SHA-256, and digests as contracts check them. */
export interface EvmSigner extends StoredSigner, DigestSigner {}

/** A new Ed25519 key. */
export function createEd25519Signer(): StoredSigner {
  return ed25519Signer(generateKeyPairSync("ed25519").privateKey);
}

/** A new secp256k1 key, which signs SHA-256 by ECDSA as 64 bytes r||s. */
export function createSecp256k1Signer(): EvmSigner {
  return secp256k1Signer(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey);
}

/** The signer in a PEM file's text; undefined where it holds neither kind of key. */
export function signerFromPem(pem: string): StoredSigner | undefined {
  const key = parsePrivateKey(pem);
  if (key?.asymmetricKeyType === "ed25519") return ed25519Signer(key);
  if (key?.asymmetricKeyDetails?.namedCurve === "secp256k1") return secp256k1Signer(key);
  return undefined;
}

/** The secp256k1 signer in a PEM file's text; undefined where it holds none. */
export function evmSignerFromPem(pem: string): EvmSigner | undefined {
  const key = parsePrivateKey(pem);
  return key?.asymmetricKeyDetails?.namedCurve === "secp256k1" ? secp256k1Signer(key) : undefined;
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // not a private key
  }
}

function ed25519Signer(key: KeyObject): StoredSigner {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => sign(null, message, key),
    exportPem: () => exportPem(key),
  };
}

function secp256k1Signer(key: KeyObject): EvmSigner {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const point = spki.subarray(-64);
  const parity = (point[63] ?? 0) % 2 === 0 ? 2 : 3;
  return {
    publicKey: Uint8Array.of(parity, ...point.subarray(0, 32)),
    sign: (message) => withLowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
    signDigest: (digest) => signDigest(digest, secretOf(key)),
    exportPem: () => exportPem(key),
  };
}

/**
 * The 32 bytes of a secp256k1 key: RFC 5915, section 3, where they follow a header of 7. Not as a JSON Web Key: 1,000 to 2,000 such exports in one turn of the
 * event loop end in a deadlock of Node.js 20, which waits for a lock for ever.
 */
function secretOf(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "sec1" }).subarray(7, 39);
}

function exportPem(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}
