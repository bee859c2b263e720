import { ascii, bigEndian, concatBytes } from "../shared/bytes.js";
import type { Primitives } from "./primitives.js";

/** A job's root secret, 32 random bytes, which never leaves the requester. */
export type JobSecret = Uint8Array;
/** A task's own key, 32 bytes: whoever has it can open this task's input, result and log, and no other's. */
export type ContentKey = Uint8Array;

/** What a blob holds; each purpose seals under a key of its own. */
export type BlobPurpose = "program" | "shared" | "input" | "result" | "log";

const noSalt = new Uint8Array(0);

/** The content key of task `number`: HKDF(job secret, "task" || number). */
export function contentKey(secret: JobSecret, number: number, primitives: Primitives): ContentKey {
  return derive(secret, concatBytes(ascii("task"), bigEndian(number, 8)), primitives);
}

/** The key under which all tasks of a job share a program or an input: HKDF(job secret, purpose). */
export function jobKey(secret: JobSecret, purpose: "program" | "shared", primitives: Primitives): Uint8Array {
  return derive(secret, ascii(`job-${purpose}`), primitives);
}

/** The key that seals one blob: HKDF(owner key, 32-byte random salt, purpose), so that no nonce can repeat. */
export function blobKey(owner: Uint8Array, salt: Uint8Array, purpose: BlobPurpose, primitives: Primitives): Uint8Array {
  return primitives.hkdf(owner, salt, ascii(`aegis-pool/v1/blob-${purpose}`), 32);
}

/**
 * A binding commitment to the keys of a task. AES-GCM does not commit to its key: without this a requester could hand
 * two replicas different keys and have one of them punished for a wrong result. It is a hash of hashes, so that one key can be shown
 * without the others.
 */
export function keyCommitment(keys: TaskKeys, primitives: Primitives): Uint8Array {
  return revealedCommitment(revealContent(keys, primitives), primitives);
}

/** A task's content key, with what shows that it is the one its manifest commits to, and tells nothing of the job's other keys. */
export interface RevealedKey {
  readonly content: ContentKey;
  /** Hashes of the keys that stay secret. */
  readonly program: Uint8Array;
  readonly shared?: Uint8Array | undefined;
}

export function revealContent({ content, program, shared }: TaskKeys, primitives: Primitives): RevealedKey {
  return {
    content,
    program: keyHash("program", program, primitives),
    ...(shared && { shared: keyHash("shared", shared, primitives) }),
  };
}

/** The commitment of which `revealed` is part. */
export function revealedCommitment({ content, program, shared }: RevealedKey, primitives: Primitives): Uint8Array {
  const present = Uint8Array.of(shared ? 1 : 0);
  const label = ascii("aegis-pool/v1/key-commitment");
  return primitives.sha256(label, keyHash("content", content, primitives), program, present, shared ?? absent);
}

const absent = new Uint8Array(32);

function keyHash(of: keyof TaskKeys, key: Uint8Array, primitives: Primitives): Uint8Array {
  return primitives.sha256(ascii(`aegis-pool/v1/key-commitment/${of}`), Uint8Array.of(0), key);
}

/** The keys an agent needs for one task, 32 bytes each. */
export interface TaskKeys {
  readonly content: ContentKey;
  readonly program: Uint8Array;
  readonly shared?: Uint8Array | undefined;
}

function derive(secret: Uint8Array, info: Uint8Array, primitives: Primitives): Uint8Array {
  return primitives.hkdf(secret, noSalt, concatBytes(ascii("aegis-pool/v1/"), info), 32);
}
