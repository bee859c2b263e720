import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { sealedStream } from "@aegis-pool/core";
import { type ByteSource, openSource, sealSource } from "@aegis-pool/platform";

/** One way through a file: our sealed stream, or the bare cipher on chunks of the same size. */
export type PassName = "seal" | "open" | "bareSeal" | "bareOpen";

type Pass = (source: ByteSource) => ByteSource;

const { chunkBytes, tagBytes } = sealedStream;
const context = { owner: Buffer.alloc(32, 7), purpose: "input" } as const;
const bareKey = Buffer.alloc(32, 9);

/** SHA-256 goes over the ciphertext in each of them, as it names a blob. */
export const passes: Readonly<Record<PassName, Pass>> = {
  seal: (source) => hashed(sealSource(source, context)),
  open: (source) => openSource(hashed(source), context),
  bareSeal: (source) => hashed(bareSeal(source)),
  bareOpen: (source) => bareOpen(hashed(source)),
};

async function* hashed(source: ByteSource): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  hash.digest();
}

async function* bareSeal(source: ByteSource): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const chunk of inPieces(source, chunkBytes)) {
    const cipher = createCipheriv("aes-256-gcm", bareKey, nonce(index++));
    yield cipher.update(chunk);
    cipher.final();
    yield cipher.getAuthTag();
  }
}

async function* bareOpen(source: ByteSource): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const sealed of inPieces(source, chunkBytes + tagBytes)) {
    const decipher = createDecipheriv("aes-256-gcm", bareKey, nonce(index++));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    yield decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    decipher.final();
  }
}

/** Pieces of `size` bytes; the source's own pieces are of that size or not much smaller. */
async function* inPieces(source: ByteSource, size: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    rest = rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([rest, piece]);
    for (; rest.length >= size; rest = rest.subarray(size)) yield rest.subarray(0, size);
  }
  if (rest.length > 0) yield rest;
}

function nonce(index: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  return bytes;
}

/** Random pieces, `sizeBytes` in all. */
export function* randomPieces(sizeBytes: number): Generator<Uint8Array> {
  const piece = randomBytes(1024 * 1024);
  for (let left = sizeBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}
