import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { ascii, concatBytes } from "../shared/bytes.js";
import { parseCbor, toCbor } from "../shared/cbor.js";
import { Bytes, Exactly, Whole } from "../shared/schema.js";
import type { TaskKeys } from "./keys.js";
import type { Primitives } from "./primitives.js";

/**
 * How a requester hands one leased task's keys to one agent session. One HPKE context (RFC 9180, base mode) is set up per
 * job and agent session; both sides take a 32-byte secret from it by its export interface (section 5.3), and each
 * release is sealed under a key derived from that secret. Exporting, rather than the context's own sequence, lets the pool
 * in between lose or reorder a message without breaking the next.
 */
export interface ReleaseContext {
  /** HPKE's encapsulated key, 32 bytes. */
  readonly encapsulated: Uint8Array;
  /** The exported secret, 32 bytes. */
  readonly secret: Uint8Array;
}

/** What a release is bound to: any other task, lease, agent or payload makes it unopenable. */
export interface ReleaseBinding {
  readonly number: number;
  /** The lease's fence: how many times the task has been leased. */
  readonly fence: number;
  /** The agent's Ed25519 public key. */
  readonly agent: Uint8Array;
  /** SHA-256 of the signed manifest, which names program, input and key commitment. */
  readonly manifestHash: Uint8Array;
}

/** The exporter context under which both sides take {@link ReleaseContext.secret}. */
export const releaseExporterLabel = ascii("aegis-pool/v1/key-release");

/** HPKE's `info`: the two parties, the session they speak in and the pool between them. */
export function releaseInfo(parties: {
  readonly pool: Uint8Array;
  readonly job: Uint8Array;
  readonly agent: Uint8Array;
  readonly session: Uint8Array;
}): Uint8Array {
  return concatBytes(releaseExporterLabel, parties.pool, parties.job, parties.agent, parties.session);
}

const keysShape = Compile(Exactly({ content: Bytes(32), program: Bytes(32), shared: Type.Optional(Bytes(32)) }));
const bindingShape = Compile(Exactly({ number: Whole(), fence: Whole(), agent: Bytes(32), manifestHash: Bytes(32) }));

/** The sealed keys, for the agent session behind `secret` alone: 12-byte nonce, ciphertext, tag. */
export function sealRelease(
  secret: Uint8Array,
  binding: ReleaseBinding,
  keys: TaskKeys,
  primitives: Primitives,
): Uint8Array {
  const nonce = primitives.randomBytes(12);
  const { key, additionalData } = releaseKey(secret, binding, primitives);
  return concatBytes(nonce, ...primitives.aesGcmSeal(key, nonce, toCbor(keys), additionalData));
}

/** The keys, or undefined unless they were sealed with this secret for exactly this binding. */
export function openRelease(
  secret: Uint8Array,
  binding: ReleaseBinding,
  sealed: Uint8Array,
  primitives: Primitives,
): TaskKeys | undefined {
  if (sealed.length < 28) return undefined;
  const { key, additionalData } = releaseKey(secret, binding, primitives);
  const plaintext = primitives.aesGcmOpen(key, sealed.subarray(0, 12), sealed.subarray(12), additionalData);
  if (!plaintext) return undefined;
  const keys = parseCbor(plaintext);
  return keysShape.Check(keys) ? keys : undefined;
}

function releaseKey(secret: Uint8Array, binding: ReleaseBinding, primitives: Primitives) {
  if (!bindingShape.Check(binding)) throw new TypeError("a release binds a number, a fence, a key and a hash");
  const { number, fence, agent, manifestHash } = binding;
  const additionalData = toCbor({ number, fence, agent, manifestHash });
  const info = concatBytes(releaseExporterLabel, primitives.sha256(additionalData));
  return { additionalData, key: primitives.hkdf(secret, new Uint8Array(0), info, 32) };
}
