import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type ByteSource, openSource, sealSource } from "@aegis-pool/platform";
import { bareOpen, bareSeal } from "./bare-cipher.js";

/** One way through a file: our sealed stream, or the bare cipher on chunks of the same size. */
export type PassName = "seal" | "open" | "bareSeal" | "bareOpen";

/** Whoever moves large files reads and writes more than Node.js' default of 64 KiB at a time. */
const large = { highWaterMark: 1024 * 1024 };
const context = { owner: Buffer.alloc(32, 7), purpose: "input" } as const;

/** Each reads the file `from` and writes the file `to`. SHA-256 goes over the ciphertext, as it names a blob. */
export const passes: Readonly<Record<PassName, (from: string, to: string) => unknown>> = {
  seal: (from, to) =>
    pipeline(hashed(sealSource(createReadStream(from, large), context)), createWriteStream(to, large)),
  open: (from, to) =>
    pipeline(openSource(hashed(createReadStream(from, large)), context), createWriteStream(to, large)),
  bareSeal,
  bareOpen,
};

async function* hashed(source: ByteSource): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  hash.digest();
}

/** Random pieces, `sizeBytes` in all. */
export function* randomPieces(sizeBytes: number): Generator<Uint8Array> {
  const piece = randomBytes(1024 * 1024);
  for (let left = sizeBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}
