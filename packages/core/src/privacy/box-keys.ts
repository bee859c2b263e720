import { ascii, concatBytes } from "../shared/bytes.js";
import type { Primitives } from "./primitives.js";

/** HMAC is all that is asked for. */
type Hmac = Pick<Primitives, "hmac">;

/** What both ends of a box have, once they have agreed by X25519. */
export interface BoxAgreement {
  /** What X25519 gives both, 32 bytes; never zero: see RFC 9180, section 7.1.4. */
  readonly shared: Uint8Array;
  /** The sender's public key for this box alone. */
  readonly encapsulated: Uint8Array;
  /** The recipient's public key. */
  readonly recipient: Uint8Array;
}

const [empty, zero, one] = [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(1)];
const version = ascii("HPKE-v1");
/** DHKEM(X25519, HKDF-SHA256); with HKDF-SHA256 and AES-256-GCM: RFC 9180, sections 4.1 and 5.1. */
const kem = concatBytes(ascii("KEM"), Uint8Array.of(0, 0x20));
const suite = concatBytes(ascii("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 2));

/**
 * The AES-256-GCM key and nonce of the one message of a box of HPKE in base mode (RFC 9180, sections 4.1, 5.1 and 6.1): the same on every platform,
 * which only has to agree on the secret.
 */
export function boxKeys(
  { shared, encapsulated, recipient }: BoxAgreement,
  info: Uint8Array,
  primitives: Hmac,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const derived = (secret: Uint8Array, id: Uint8Array, label: string, about: Uint8Array, length: number) =>
    expand(secret, concatBytes(Uint8Array.of(0, length), version, id, ascii(label), about), length, primitives);
  const extracted = (salt: Uint8Array, id: Uint8Array, label: string, input: Uint8Array) =>
    primitives.hmac(salt, concatBytes(version, id, ascii(label), input));
  const agreed = extracted(empty, kem, "eae_prk", shared);
  const sharedSecret = derived(agreed, kem, "shared_secret", concatBytes(encapsulated, recipient), 32);
  const pskIdHash = extracted(empty, suite, "psk_id_hash", empty);
  const context = concatBytes(zero, pskIdHash, extracted(empty, suite, "info_hash", info));
  const secret = extracted(sharedSecret, suite, "secret", empty);
  return { key: derived(secret, suite, "key", context, 32), nonce: derived(secret, suite, "base_nonce", context, 12) };
}

/** HKDF-Expand (RFC 5869, section 2.3) of one block: 32 bytes at most. */
function expand(secret: Uint8Array, info: Uint8Array, length: number, primitives: Hmac): Uint8Array {
  return primitives.hmac(secret, info, one).subarray(0, length);
}
