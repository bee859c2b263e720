import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, fromHex } from "@aegis-pool/core";
import type { StoredSigner } from "../signers.js";
import { primitives } from "./primitives.js";

export type { StoredSigner } from "../signers.js";

/** PKCS #8 of an Ed25519 key, up to its 32 bytes: RFC 8410, section 7. */
const prefix = fromHex("302e020100300506032b657004220420") ?? new Uint8Array(0);
const [begin, end] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];
const lineLength = 64;

/** A new Ed25519 key. */
export function createEd25519Signer(): StoredSigner {
  return ed25519Signer(primitives.randomBytes(32));
}

/** The Ed25519 signer in a PEM file's text; undefined where it holds none: other keys have no use in a page. */
export function signerFromPem(pem: string): StoredSigner | undefined {
  const lines = pem.trim().split(/\s*\n/);
  if (lines.shift() !== begin || lines.pop() !== end) return undefined;
  const der = fromBase64(lines.join(""));
  const isEd25519 = der?.length === prefix.length + 32 && prefix.every((byte, at) => der[at] === byte);
  return isEd25519 ? ed25519Signer(der.slice(prefix.length)) : undefined;
}

function ed25519Signer(secret: Uint8Array): StoredSigner {
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: (message) => ed25519.sign(message, secret),
    exportPem: () => {
      const text = btoa(String.fromCharCode(...concatBytes(prefix, secret)));
      const lines = text.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
      return [begin, ...lines, end, ""].join("\n");
    },
  };
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // other characters
  }
}
