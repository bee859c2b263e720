import { keyCommitment, equalBytes, openBytes, sealedLength, type TaskKeys, type TaskManifest } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Program } from "../engines/index.js";
import type { SealedBlobs } from "./sealed-blobs.js";

/** Why a task cannot be begun: the pool's or the requester's doing, not the program's. */
export type OpenRefusal = "blob-mismatch" | "key-mismatch";

/** Programs and shared inputs of at most this many bytes are taken. */
export const maxProgramBytes = sealedLength(256 * 1024 * 1024);

/** Whether `keys` are those that the requester committed to in the manifest. */
export function keysHold(keys: TaskKeys, manifest: TaskManifest): boolean {
  const complete = (keys.shared === undefined) === (manifest.shared === undefined);
  return complete && equalBytes(keyCommitment(keys, primitives), manifest.keys);
}

/** The program of a task and what all tasks of its job share, in plaintext. */
export async function openProgram(
  manifest: TaskManifest,
  keys: TaskKeys,
  blobs: SealedBlobs,
): Promise<Program | OpenRefusal> {
  const sealed = await blobs.get(manifest.program);
  if (!sealed) return "blob-mismatch";
  const bytes = openBytes(sealed, { owner: keys.program, purpose: "program" }, primitives);
  if (!bytes) return "key-mismatch";
  const { engine } = manifest.requirements;
  if (!manifest.shared || !keys.shared) return { engine, bytes };
  const sealedShared = await blobs.get(manifest.shared);
  if (!sealedShared) return "blob-mismatch";
  const shared = openBytes(sealedShared, { owner: keys.shared, purpose: "shared" }, primitives);
  return shared ? { engine, bytes, shared } : "key-mismatch";
}

/** The input of a task as a tagged value, or why it cannot be had. */
export async function openInput(
  manifest: TaskManifest,
  keys: TaskKeys,
  sealed: Uint8Array | undefined,
  download: (hash: Uint8Array) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | OpenRefusal> {
  const bytes = sealed ?? (await download(manifest.input));
  if (!bytes || !equalBytes(primitives.sha256(bytes), manifest.input)) return "blob-mismatch";
  const input = openBytes(bytes, { owner: keys.content, purpose: "input" }, primitives);
  return input ?? "key-mismatch";
}
