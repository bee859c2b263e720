import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Opened so that neither a link nor a pipe is followed or waited for. Windows has neither flag, nor links that a user makes by accident. */
const asItIs = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The bytes of a regular file of at most `mostBytes`, or a sentence that says why they are not read. Nothing is allocated before its size is known. */
export async function readBounded(path: string, mostBytes: number): Promise<Uint8Array | string> {
  let file: FileHandle;
  try {
    file = await open(path, asItIs);
  } catch (error) {
    return refusalOf(error as NodeJS.ErrnoException);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return "it is no regular file";
    if (stats.size > mostBytes) return `it has ${stats.size} bytes, more than ${mostBytes}`;
    return await readWhole(file, stats.size);
  } finally {
    await file.close();
  }
}

/** A file that somebody still writes may have grown or shrunk since its size was read. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array | string> {
  const bytes = new Uint8Array(size + 1);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length === size ? bytes.subarray(0, size) : "it changed while it was read";
}

function refusalOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "it is not there";
  if (error.code === "ELOOP") return "it is a symbolic link";
  return error.message;
}
