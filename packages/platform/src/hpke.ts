import { KeyObject } from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { type BoxOpener, type BoxSealer, type ReleaseContext, releaseExporterLabel } from "@aegis-pool/core";
import { openBox, sealBox } from "./hpke-boxes.js";

/** HPKE, RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** An agent's key for one connection, or a committee member's for one sum; the private half cannot be exported. */
export interface HpkeKey extends BoxOpener {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The secret behind a requester's `encapsulated` key, or undefined where it is not a point of the curve. */
  receive(encapsulated: Uint8Array, info: Uint8Array): Promise<Uint8Array | undefined>;
}

/** A new session key. */
export async function createHpkeKey(): Promise<HpkeKey> {
  const pair = await suite.kem.generateKeyPair();
  const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
  const privateKey = KeyObject.from(pair.privateKey);
  return {
    publicKey,
    async receive(encapsulated, info) {
      try {
        const context = await suite.createRecipientContext({
          recipientKey: pair.privateKey,
          enc: detached(encapsulated),
          info: detached(info),
        });
        return new Uint8Array(await context.export(detached(releaseExporterLabel), 32));
      } catch {
        return undefined; // low-order or malformed point
      }
    },
    openBox: (info, box) => Promise.resolve(openBox({ privateKey, publicKey }, info, box)),
  };
}

/** Single-shot HPKE: what comes out is the encapsulated key, then the ciphertext. */
export const boxSealer: BoxSealer = {
  sealBox: (recipient, info, plaintext) => Promise.resolve(sealBox(recipient, info, plaintext)),
};

/**
 * Sets up the one context that a job has with an agent session, which costs about a millisecond; undefined where the
 * agent's key is not a point of the curve.
 */
export async function sendTo(hpkePublicKey: Uint8Array, info: Uint8Array): Promise<ReleaseContext | undefined> {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(detached(hpkePublicKey));
    const context = await suite.createSenderContext({ recipientPublicKey, info: detached(info) });
    const secret = await context.export(detached(releaseExporterLabel), 32);
    return { encapsulated: new Uint8Array(context.enc), secret: new Uint8Array(secret) };
  } catch {
    return undefined; // low-order or malformed point
  }
}

/** The library wants whole ArrayBuffers; a Buffer may be a view of a pooled one. */
function detached(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
