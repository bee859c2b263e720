import { fromHex } from "../../shared/bytes.js";

/** The order of P-384, SP 800-186, chapter 3.2.1.4. */
const order =
  fromHex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973") ??
  new Uint8Array();

/** Whether 48 bytes, most significant first, are a number from 1 to the order less 1. */
export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte === 0)) return false;
  for (const [index, byte] of bytes.entries()) {
    const limit = order[index] ?? 0;
    if (byte !== limit) return byte < limit;
  }
  return false;
}
