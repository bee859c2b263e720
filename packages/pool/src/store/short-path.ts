import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A way to a directory that is short enough for the sockets in it. */
export interface ShortPath {
  readonly path: string;
  /** Removes what was made for it. */
  release(): Promise<void>;
}

/** The longest path of a socket: 107 bytes on Linux, 103 on macOS, less room for the longest name used here. */
const longestDirectoryBytes = 103 - "/pool-4194304-0123456789abcdef.tmp".length;

/**
 * `directory` itself, or, where its path is too long for a socket, a link to it from a private folder (0700) of the
 * system's folder for temporary files. The socket itself stays in `directory`: whoever cleans temporary files can take
 * the way to it, not the lock or the database that it stands for.
 */
export async function shortPath(directory: string): Promise<ShortPath> {
  if (Buffer.byteLength(directory) <= longestDirectoryBytes) return { path: directory, release: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "aegis-"));
  const path = join(folder, "d");
  await symlink(directory, path);
  return { path, release: () => rm(folder, { recursive: true, force: true }) };
}
