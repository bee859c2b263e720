import { ascii, bigEndian, concatBytes, equalBytes } from "../shared/bytes.js";
import { type BlobPurpose, blobKey } from "./keys.js";
import type { Primitives } from "./primitives.js";

/**
 * The sealed form of every payload, result, program and log: the STREAM construction (Hoang, Reyhanitabar, Rogaway and
 * Vizár, CRYPTO 2015) over AES-256-GCM in chunks of 64 KiB. A truncated, reordered or extended blob does not open.
 *
 *     "AGS1" | salt, 32 bytes | chunk, ... | last chunk        a chunk is up to 64 KiB of ciphertext and a 16-byte tag
 *     nonce = 7 zero bytes | chunk index, 4 bytes big-endian | 1 for the last chunk, else 0
 *
 * The key is HKDF(owner key, salt, purpose): used for this blob alone, so the fixed nonce prefix never repeats.
 */
export const sealedStream = {
  /** Bytes of plaintext per chunk; only the last chunk may hold fewer. */
  chunkBytes: 65_536,
  tagBytes: 16,
  headerBytes: 36,
  /** 2^32 chunks would wrap the counter. */
  maxChunks: 2 ** 32,
} as const;

const magic = ascii("AGS1");
const noData = new Uint8Array(0);

/** Whose key seals a blob, and what the blob holds. */
export interface SealingContext {
  /** 32 bytes: a content key, or a job's program or shared key. */
  readonly owner: Uint8Array;
  readonly purpose: BlobPurpose;
}

/** Seals one blob chunk by chunk, in order. */
export interface Sealer {
  /** To be written before the first chunk. */
  readonly header: Uint8Array;
  /** The sealed form of the next chunk, in two parts: 64 KiB of plaintext, or fewer where it is the last. */
  seal(plaintext: Uint8Array, last: boolean): readonly [ciphertext: Uint8Array, tag: Uint8Array];
}

/** Opens one blob chunk by chunk, in order. */
export interface Opener {
  /** The plaintext of the next chunk, or undefined where it is not the genuine next chunk of this blob. */
  open(sealed: Uint8Array, last: boolean): Uint8Array | undefined;
}

/** A sealer with a fresh salt. */
export function createSealer(context: SealingContext, primitives: Primitives): Sealer {
  const salt = primitives.randomBytes(32);
  const key = blobKey(context.owner, salt, context.purpose, primitives);
  let index = 0;
  return {
    header: concatBytes(magic, salt),
    seal: (plaintext, last) => primitives.aesGcmSeal(key, chunkNonce(index++, last), plaintext, noData),
  };
}

/** An opener for the blob with this header, or undefined where the header is not one. */
export function createOpener(header: Uint8Array, context: SealingContext, primitives: Primitives): Opener | undefined {
  if (header.length !== sealedStream.headerBytes || !equalBytes(header.subarray(0, 4), magic)) return undefined;
  const key = blobKey(context.owner, header.subarray(4), context.purpose, primitives);
  let index = 0;
  return { open: (sealed, last) => primitives.aesGcmOpen(key, chunkNonce(index++, last), sealed, noData) };
}

/** The sealed form of a whole byte string that is already in memory. */
export function sealBytes(plaintext: Uint8Array, context: SealingContext, primitives: Primitives): Uint8Array {
  const sealer = createSealer(context, primitives);
  const parts = [sealer.header];
  for (const [chunk, last] of chunksOf(plaintext, sealedStream.chunkBytes)) parts.push(...sealer.seal(chunk, last));
  return concatBytes(...parts);
}

/** The plaintext of a whole sealed byte string, or undefined where it is not genuine under `context`. */
export function openBytes(sealed: Uint8Array, context: SealingContext, primitives: Primitives): Uint8Array | undefined {
  const opener = createOpener(sealed.subarray(0, sealedStream.headerBytes), context, primitives);
  if (!opener) return undefined;
  const parts: Uint8Array[] = [];
  const body = sealed.subarray(sealedStream.headerBytes);
  for (const [chunk, last] of chunksOf(body, sealedStream.chunkBytes + sealedStream.tagBytes)) {
    const plaintext = opener.open(chunk, last);
    if (!plaintext) return undefined;
    parts.push(plaintext);
  }
  return concatBytes(...parts);
}

/** How long the sealed form of `plaintextBytes` bytes is. */
export function sealedLength(plaintextBytes: number): number {
  const chunks = Math.max(1, Math.ceil(plaintextBytes / sealedStream.chunkBytes));
  return sealedStream.headerBytes + plaintextBytes + chunks * sealedStream.tagBytes;
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<[chunk: Uint8Array, last: boolean]> {
  let start = 0;
  do {
    const end = Math.min(start + size, bytes.length);
    yield [bytes.subarray(start, end), end === bytes.length];
    start = end;
  } while (start < bytes.length);
}

function chunkNonce(index: number, last: boolean): Uint8Array {
  if (index >= sealedStream.maxChunks) throw new RangeError("a sealed stream holds at most 2^32 chunks");
  return concatBytes(new Uint8Array(7), bigEndian(index, 4), Uint8Array.of(last ? 1 : 0));
}
