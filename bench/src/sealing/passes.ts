import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { openFile, sealFile } from "@aegis-pool/platform";
import { bareOpen, bareSeal } from "./bare-cipher.js";

/** One way through a file: our sealed stream, or the bare cipher on chunks of the same size. */
export type PassName = "seal" | "open" | "bareSeal" | "bareOpen";

const context = { owner: Buffer.alloc(32, 7), purpose: "input" } as const;

/** Each reads the file `from` and writes the new file `to`. SHA-256 goes over the ciphertext, as it names a blob. */
export const passes: Readonly<Record<PassName, (from: string, to: string) => unknown>> = {
  seal: async (from, to) => writeFileSync(`${to}.sha256`, (await sealFile(from, to, context)).hash),
  open: (from, to) => openFile({ from, hash: readFileSync(`${from}.sha256`) }, to, context),
  bareSeal,
  bareOpen,
};

/** Random pieces, `sizeBytes` in all. */
export function* randomPieces(sizeBytes: number): Generator<Uint8Array> {
  const piece = randomBytes(1024 * 1024);
  for (let left = sizeBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}
