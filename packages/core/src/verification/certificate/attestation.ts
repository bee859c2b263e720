import type { ContentKey } from "../../privacy/keys.js";
import type { Primitives } from "../../privacy/primitives.js";
import { ascii, concatBytes } from "../../shared/bytes.js";
import { signatureBytes } from "./signature.js";

/**
 * An agent's signature on its way to the requester. In the clear, whoever guesses program, input and result could see by it whether the guess
 * is right, the pool above all. So it is sealed under HKDF(content key, "attestation"), which all runs of a task have and the pool does not,
 * and bound to its agent: moved to another it does not open.
 *
 *     nonce, 12 bytes | AES-256-GCM of the 65 bytes | tag, 16 bytes
 */
export const sealedAttestationBytes = 12 + signatureBytes + 16;

const noSalt = new Uint8Array(0);
const label = ascii("aegis-pool/v1/attestation");

/** `signature` (65 bytes) by the agent with this Ed25519 key, for the requester's eyes. */
export function sealAttestation(
  signature: Uint8Array,
  agent: Uint8Array,
  content: ContentKey,
  primitives: Primitives,
): Uint8Array {
  if (signature.length !== signatureBytes) throw new RangeError(`a signature has ${signatureBytes} bytes`);
  const nonce = primitives.randomBytes(12);
  return concatBytes(nonce, ...primitives.aesGcmSeal(keyOf(content, primitives), nonce, signature, bound(agent)));
}

/** The 65 bytes that this agent sealed, unverified; undefined where it sealed others, or for another task. */
export function openAttestation(
  sealed: Uint8Array,
  agent: Uint8Array,
  content: ContentKey,
  primitives: Primitives,
): Uint8Array | undefined {
  if (sealed.length !== sealedAttestationBytes) return undefined;
  const [nonce, body] = [sealed.subarray(0, 12), sealed.subarray(12)];
  return primitives.aesGcmOpen(keyOf(content, primitives), nonce, body, bound(agent));
}

function keyOf(content: ContentKey, primitives: Primitives): Uint8Array {
  return primitives.hkdf(content, noSalt, label, 32);
}

function bound(agent: Uint8Array): Uint8Array {
  return concatBytes(label, Uint8Array.of(0), agent);
}
