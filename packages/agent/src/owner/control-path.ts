import { createHash } from "node:crypto";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const socketName = "control.sock";
/** The longest path of a socket is 107 bytes on Linux, 103 on macOS. */
const longestPathBytes = 103;

/** Where the agent of a folder listens for its owner: a socket in the folder; a named pipe on Windows. */
export function controlPath(directory: string): string {
  if (process.platform !== "win32") return join(resolve(directory), socketName);
  const name = createHash("sha256").update(resolve(directory).toLowerCase()).digest("hex");
  return `\\\\.\\pipe\\aegis-agent-${name}`;
}

/** Calls `use` with a way to the folder's socket that is short enough: a passing link where its own path is too long. */
export async function withControlPath<Result>(
  directory: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = controlPath(directory);
  if (process.platform === "win32" || Buffer.byteLength(path) <= longestPathBytes) return use(path);
  const folder = await mkdtemp(join(tmpdir(), "aegis-"));
  try {
    await symlink(resolve(directory), join(folder, "d"));
    return await use(join(folder, "d", socketName));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
