import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { createOpener, createSealer, equalBytes, type SealingContext, sealedStream } from "@aegis-pool/core";
import { convertFile } from "./convert-file.js";
import { primitives } from "./primitives.js";

/** Chunks that are read, worked on and written at a time: 512 KiB. With 1 MiB opening takes up to twice as long here. */
const chunksPerPiece = 8;
const { chunkBytes, headerBytes, tagBytes } = sealedStream;

/** The sealed form of a file, as a blob is named. */
export interface SealedFile {
  /** SHA-256. */
  readonly hash: Uint8Array;
  readonly bytes: number;
}

/**
 * Seals `prefix` and then the file `from` as one into the new file `to`. Memory stays at a few MiB whatever the length.
 * @throws {RangeError} where the file changes its length meanwhile
 */
export async function sealFile(
  from: string,
  to: string,
  context: SealingContext,
  prefix: Uint8Array = new Uint8Array(0),
): Promise<SealedFile> {
  const sealer = createSealer(context, primitives);
  const hash = createHash("sha256").update(sealer.header);
  let bytes = sealer.header.length;
  const whole = { from, to, prefix, header: sealer.header, pieceBytes: chunksPerPiece * chunkBytes };
  await convertFile(whole, (piece, last) => {
    const sealed = eachChunk(piece, chunkBytes, last, tagBytes, (chunk, lastChunk) => sealer.seal(chunk, lastChunk));
    hash.update(sealed);
    bytes += sealed.length;
    return sealed;
  });
  return { hash: hash.digest(), bytes };
}

/** A sealed file that is to be opened. */
export interface FileToOpen {
  readonly from: string;
  /** SHA-256 that it must have. */
  readonly hash: Uint8Array;
  /** Bytes of plaintext that are not written, but answered: 0 by default. */
  readonly prefixBytes?: number;
}

/**
 * Opens a sealed file into the new file `to`. Where it is not the one with that hash, or not genuine, `to` does not
 * exist afterwards.
 * @returns the plaintext's first `prefixBytes`
 * @throws {RangeError} where it is another file, no genuine sealed stream under `context`, or shorter than its prefix
 */
export async function openFile(file: FileToOpen, to: string, context: SealingContext): Promise<Uint8Array> {
  const { from, prefixBytes = 0 } = file;
  const hash = createHash("sha256");
  let opener: ReturnType<typeof createOpener>;
  let prefix: Uint8Array | undefined;
  const sealedChunk = chunkBytes + tagBytes;
  const whole = { from, to, skip: headerBytes, pieceBytes: chunksPerPiece * sealedChunk };
  try {
    await convertFile(whole, (piece, last, header) => {
      if (!opener) hash.update(header);
      hash.update(piece);
      opener ??= createOpener(header, context, primitives) ?? refuse("this is not a sealed stream");
      const open = (chunk: Uint8Array, lastChunk: boolean) => [opener?.open(chunk, lastChunk) ?? refuse(notGenuine)];
      const plaintext = eachChunk(piece, sealedChunk, last, -tagBytes, open);
      if (prefix) return plaintext;
      prefix = plaintext.slice(0, prefixBytes);
      return plaintext.subarray(prefixBytes);
    });
    if (!equalBytes(hash.digest(), file.hash)) refuse("this is another sealed stream than the one named");
    return prefix?.length === prefixBytes ? prefix : refuse("the sealed stream is shorter than it must be");
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

const notGenuine = "the sealed stream was changed, cut short, or sealed under another key";

/** What `work` makes of each chunk of `piece`, `growth` bytes longer than the chunk, one after another. */
function eachChunk(
  piece: Uint8Array,
  size: number,
  last: boolean,
  growth: number,
  work: (chunk: Uint8Array, last: boolean) => readonly Uint8Array[],
): Uint8Array {
  const chunks = Math.max(1, Math.ceil(piece.length / size));
  const made = Buffer.allocUnsafe(Math.max(0, piece.length + chunks * growth));
  let written = 0;
  for (let index = 0; index < chunks; index++) {
    const chunk = piece.subarray(index * size, (index + 1) * size);
    for (const part of work(chunk, last && index === chunks - 1)) {
      made.set(part, written);
      written += part.length;
    }
  }
  return made;
}

function refuse(why: string): never {
  throw new RangeError(why);
}
