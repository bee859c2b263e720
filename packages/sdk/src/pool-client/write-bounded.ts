import { rm, writeFile } from "node:fs/promises";
import { AegisError } from "@aegis-pool/core";
import { asDiskError, hasCode } from "@aegis-pool/platform";
import type { Bound } from "./bounded.js";

/**
 * Writes what comes into the new file at `path`, for its owner alone: all of it, or nothing.
 * @throws what the bound says where it is too much; {AegisError} `bad-argument` where there is a file already, `disk-full`
 */
export async function writeBounded(body: ReadableStream<Uint8Array>, path: string, bound: Bound): Promise<void> {
  try {
    await writeFile(path, body.pipeThrough(bounded(bound)), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (hasCode(error, "EEXIST")) throw isThere(path, error);
    await rm(path, { force: true });
    throw asDiskError(error, path);
  }
}

function bounded({ maxBytes, tooLarge }: Bound): TransformStream<Uint8Array, Uint8Array> {
  let left = maxBytes;
  return new TransformStream({
    transform(piece, controller) {
      left -= piece.length;
      if (left < 0) throw tooLarge();
      controller.enqueue(piece);
    },
  });
}

const isThere = (path: string, cause: unknown) =>
  new AegisError({
    code: "bad-argument",
    message: `There is a file ${path} already.`,
    next: "Name another, or move that one away.",
    cause,
  });
