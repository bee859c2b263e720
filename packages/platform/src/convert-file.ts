import { type FileHandle, open } from "node:fs/promises";

/** What is converted into what. */
export interface Conversion {
  readonly from: string;
  /** Created anew; for its owner's eyes only. */
  readonly to: string;
  /** Bytes that stand before the file's own, as if they were its beginning. */
  readonly prefix?: Uint8Array;
  /** Bytes at the beginning of `from` that are handed to each call instead of being converted. */
  readonly skip?: number;
  /** Written first. */
  readonly header?: Uint8Array;
  /** Bytes per piece; the last one is shorter, or empty where there is nothing at all. */
  readonly pieceBytes: number;
}

/** What one piece becomes; the result is not changed before it is written. */
type ConvertPiece = (piece: Uint8Array, last: boolean, skipped: Uint8Array) => Uint8Array;

/**
 * Converts a file piece by piece: the next piece is read and the one before is written while `convert` works on one, so
 * that disk and processor are busy together. Waiting for each in turn takes 1.7 times as long here.
 * @throws {RangeError} where the file changes its length meanwhile
 */
export async function convertFile(conversion: Conversion, convert: ConvertPiece): Promise<void> {
  const source = await open(conversion.from, "r");
  try {
    const target = await open(conversion.to, "wx", 0o600);
    try {
      await convertAll(source, target, conversion, convert);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function convertAll(source: FileHandle, target: FileHandle, conversion: Conversion, convert: ConvertPiece) {
  const { prefix = new Uint8Array(0), skip = 0, header = new Uint8Array(0), pieceBytes } = conversion;
  const { size } = await source.stat();
  const skipped = Buffer.alloc(skip);
  const skippedBytes = await fill(source, skipped, 0);
  const total = prefix.length + size - skippedBytes;
  const buffers = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const;
  buffers[0].set(prefix);
  let writing = write(target, header);
  let done = 0;
  let filling = fill(source, buffers[0], prefix.length);
  for (let turn = 0; ; turn = 1 - turn) {
    const piece = (turn === 0 ? buffers[0] : buffers[1]).subarray(0, await filling);
    done += piece.length;
    const last = done >= total;
    if (done > total || (!last && piece.length < pieceBytes))
      throw new RangeError("the file changed while it was read");
    filling = last ? Promise.resolve(0) : fill(source, turn === 0 ? buffers[1] : buffers[0], 0);
    filling.catch(() => undefined); // awaited above; until then it must not count as unhandled
    const made = convert(piece, last, skipped.subarray(0, skippedBytes));
    await writing;
    writing = write(target, made);
    writing.catch(() => undefined);
    if (last) break;
  }
  await writing;
}

/** Reads until `buffer` is full or the file ends; how much of it is filled then. */
async function fill(source: FileHandle, buffer: Buffer, from: number): Promise<number> {
  let filled = from;
  while (filled < buffer.length) {
    const { bytesRead } = await source.read(buffer, filled, buffer.length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function write(target: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await target.write(bytes, written, bytes.length - written, null);
    written += bytesWritten;
  }
}
