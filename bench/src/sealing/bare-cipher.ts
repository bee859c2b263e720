import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { sealedStream } from "@aegis-pool/core";

/** AES-256-GCM on chunks of the sealed stream's size, SHA-256 over the ciphertext, and nothing else: one synchronous loop. */
const { chunkBytes, tagBytes } = sealedStream;
const key = Buffer.alloc(32, 9);

/** Writes each chunk of the file `from`, encrypted and with its tag, to the file `to`. */
export function bareSeal(from: string, to: string): void {
  const hash = createHash("sha256");
  eachChunk(from, to, chunkBytes, (chunk, index, write) => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce(index));
    const body = cipher.update(chunk);
    cipher.final();
    for (const piece of [body, cipher.getAuthTag()]) {
      hash.update(piece);
      write(piece);
    }
  });
  hash.digest();
}

/** The inverse of {@link bareSeal}. */
export function bareOpen(from: string, to: string): void {
  const hash = createHash("sha256");
  eachChunk(from, to, chunkBytes + tagBytes, (sealed, index, write) => {
    hash.update(sealed);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce(index));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    write(decipher.update(sealed.subarray(0, sealed.length - tagBytes)));
    decipher.final();
  });
  hash.digest();
}

type Work = (chunk: Buffer, index: number, write: (piece: Uint8Array) => void) => void;

function eachChunk(from: string, to: string, size: number, work: Work): void {
  const [source, target] = [openSync(from, "r"), openSync(to, "w")];
  const buffer = Buffer.alloc(size);
  for (let index = 0; ; index++) {
    const length = readSync(source, buffer);
    if (length === 0) break;
    work(buffer.subarray(0, length), index, (piece) => writeSync(target, piece));
  }
  closeSync(source);
  closeSync(target);
}

function nonce(index: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  return bytes;
}
