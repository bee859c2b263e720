import { rm, writeFile } from "node:fs/promises";
import { AegisError, concatBytes } from "@aegis-pool/core";
import { asDiskError, hasCode } from "@aegis-pool/platform";

/** How much a pool may send, and what is thrown where it sends more. */
export interface Bound {
  readonly maxBytes: number;
  readonly tooLarge: () => AegisError;
}

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

/** All that comes, as text. @throws what the bound says where it is too much */
export async function readBounded(body: ReadableStream<Uint8Array>, bound: Bound): Promise<string> {
  return new TextDecoder().decode(await readBoundedBytes(body, bound));
}

/** All that comes, as bytes. @throws what the bound says where it is too much */
export async function readBoundedBytes(
  body: ReadableStream<Uint8Array>,
  { maxBytes, tooLarge }: Bound,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // who leaves the loop cancels the body; through a TransformStream the same bytes take twice the time
  for await (const piece of body) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  return concatBytes(...pieces);
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
