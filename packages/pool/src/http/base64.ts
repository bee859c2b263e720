import { AegisError, fromCbor, Type } from "@aegis-pool/core";

/** Bytes in JSON: base64url without padding (RFC 4648, section 5). */
export function Base64(maxBytes: number) {
  return Type.String({ pattern: "^[A-Za-z0-9_-]*$", maxLength: Math.ceil((maxBytes * 4) / 3) });
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

export function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/** A 32-byte key or hash as 64 hexadecimal digits, in a path. */
export const HexKey = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** @throws {AegisError} `bad-message` with `what` */
export function badMessage(what: string): AegisError {
  return new AegisError({
    code: "bad-message",
    message: what,
    next: "Send what protocol version 1 describes; a newer client may speak another version.",
  });
}

/** What a client sent as CBOR in base64url; undefined where it is none. */
export function parseCborText(text: string): unknown {
  try {
    return fromCbor(fromBase64(text));
  } catch {
    return undefined;
  }
}
