import { createHash, randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { AegisError } from "@aegis-pool/core";
import { type BlobStore, type ByteRange, WrongOffsetError } from "../../src/store/blobs/index.js";

/** Random bytes, as sealed blobs are, and the name they have. */
export function sealedBytes(size: number): { readonly id: string; readonly bytes: Buffer } {
  const bytes = randomBytes(size);
  return { id: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** The chunks, as a request brings them. */
export async function* pieces(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Uploads as a client does: from where the upload stands, again when another request took over. */
export async function upload(store: BlobStore, id: string, bytes: Buffer): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      await store.append(id, await store.offset(id), pieces(bytes.subarray(await store.offset(id))));
      await store.complete(id);
      return;
    } catch (error) {
      const mayTryAgain = error instanceof WrongOffsetError || (error as AegisError).code === "upload-superseded";
      if (!mayTryAgain) throw error;
    }
  }
  throw new Error("50 attempts were not enough");
}

/** The bytes of a blob, or of a part of it. */
export async function range(store: BlobStore, id: string, part?: ByteRange): Promise<Buffer> {
  return buffer(await store.read(id, part));
}

/** Whether the blob is exactly `bytes` (an assertion that compares large buffers byte by byte takes seconds). */
export async function holds(store: BlobStore, id: string, bytes: Buffer): Promise<boolean> {
  return bytes.equals(await range(store, id));
}
