import { writeFile } from "node:fs/promises";
import type { AegisError } from "@aegis-pool/core";

/** How much a pool may send, and what is thrown where it sends more. */
export interface Bound {
  readonly maxBytes: number;
  readonly tooLarge: () => AegisError;
}

/** Writes what comes into the new file at `path`, for its owner alone. @throws what the bound says where it is too much */
export async function writeBounded(
  body: ReadableStream<Uint8Array>,
  path: string,
  { maxBytes, tooLarge }: Bound,
): Promise<void> {
  let left = maxBytes;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      left -= piece.length;
      if (left < 0) throw tooLarge();
      controller.enqueue(piece);
    },
  });
  await writeFile(path, body.pipeThrough(bounded), { flag: "wx", mode: 0o600 });
}
