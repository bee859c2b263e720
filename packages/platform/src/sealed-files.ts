import { createSealer, createOpener, type SealingContext, sealedStream } from "@aegis-pool/core";
import { primitives } from "./primitives.js";

/** Bytes as they come from a file or the network, in pieces of any size. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** The sealed form of `source`, piece by piece: memory stays at a few chunks whatever the length. */
export async function* sealSource(source: ByteSource, context: SealingContext): AsyncGenerator<Uint8Array> {
  const sealer = createSealer(context, primitives);
  yield sealer.header;
  for await (const { chunk, last } of inChunks(source, sealedStream.chunkBytes)) yield sealer.seal(chunk, last);
}

/**
 * The plaintext of the sealed `source`, piece by piece. What was yielded before an error is genuine but may not be all.
 * @throws {RangeError} where the source is not a genuine sealed stream under `context`
 */
export async function* openSource(source: ByteSource, context: SealingContext): AsyncGenerator<Uint8Array> {
  const parts = splitHeader(source, sealedStream.headerBytes);
  const { value: header } = await parts.next();
  const opener = createOpener(header ?? new Uint8Array(0), context, primitives);
  if (!opener) {
    await parts.return(undefined); // else the file behind it stays open
    throw new RangeError("this is not a sealed stream");
  }
  for await (const { chunk, last } of inChunks(parts, sealedStream.chunkBytes + sealedStream.tagBytes)) {
    const plaintext = opener.open(chunk, last);
    if (!plaintext) throw new RangeError("the sealed stream was changed, cut short, or sealed under another key");
    yield plaintext;
  }
}

/** `source` re-cut to pieces of exactly `size` bytes, the last one shorter or empty, each marked whether it is the last. */
async function* inChunks(source: ByteSource, size: number): AsyncGenerator<{ chunk: Uint8Array; last: boolean }> {
  let filling = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const piece of source) {
    let rest = piece;
    while (rest.length > 0) {
      if (filled === size) {
        // only now is it known that this chunk is not the last
        yield { chunk: filling, last: false };
        filling = Buffer.allocUnsafe(size);
        filled = 0;
      }
      // what lies whole within a piece, with more behind it, is not copied
      if (filled === 0) {
        for (; rest.length > size; rest = rest.subarray(size)) yield { chunk: rest.subarray(0, size), last: false };
      }
      const taken = Math.min(size - filled, rest.length);
      filling.set(rest.subarray(0, taken), filled);
      filled += taken;
      rest = rest.subarray(taken);
    }
  }
  yield { chunk: filling.subarray(0, filled), last: true };
}

async function* splitHeader(source: ByteSource, size: number): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  for await (const piece of source) {
    if (head.length >= size) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < size) continue;
    yield head.subarray(0, size);
    yield head.subarray(size);
  }
  if (head.length < size) yield head;
}
