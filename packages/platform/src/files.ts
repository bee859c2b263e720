import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AegisError } from "@aegis-pool/core";

/** The text of a file, or undefined where there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * Writes a file so that a crash leaves the old one or the new one, never a part: to a neighbour, fsync, rename.
 * @param mode permissions, by default the owner's alone
 */
export async function writeAtomically(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await throughNeighbour(path, content, mode, (neighbour) => rename(neighbour, path));
}

/** As {@link writeAtomically}, but only where there is no file yet: false where there was one, which stays as it is. */
export async function createAtomically(path: string, content: string | Uint8Array, mode = 0o600): Promise<boolean> {
  try {
    await throughNeighbour(path, content, mode, (neighbour) => link(neighbour, path));
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function throughNeighbour(
  path: string,
  content: string | Uint8Array,
  mode: number,
  publish: (neighbour: string) => Promise<void>,
): Promise<void> {
  const neighbour = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(neighbour, content, mode);
    await publish(neighbour);
    await syncFolder(dirname(path));
  } catch (error) {
    throw asDiskError(error, path);
  } finally {
    await rm(neighbour, { force: true });
  }
}

async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes new names in a folder survive a power cut; Windows does so by itself and cannot open folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Whether `error` is a system error with this code, such as "ENOENT". */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A system error about a full disk as an {@link AegisError}; any other as it is. */
export function asDiskError(error: unknown, path: string): unknown {
  if (!hasCode(error, "ENOSPC") && !hasCode(error, "EDQUOT")) return error;
  return new AegisError({
    code: "disk-full",
    message: `The disk that holds ${path} is full.`,
    next: "Free some space there, or choose another folder; nothing that was written before is lost.",
    cause: error,
  });
}
