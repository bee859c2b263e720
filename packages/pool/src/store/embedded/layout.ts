import { access, constants, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { namingFullDisk } from "../directory-errors.js";
import { unreachable } from "./failures.js";

/** Where things lie in the directory that an embedded PostgreSQL is given. */
export interface Layout {
  readonly directory: string;
  /** PostgreSQL's own data directory, 0700, owned by the account that runs it. */
  readonly data: string;
  /** One socket per pool that holds, or tries to hold, the directory. */
  readonly lock: string;
  /** A copy of the binaries, where those in node_modules cannot be used in place. */
  readonly binaries: string;
}

/** The {@link Layout} of `directory`. */
export function layoutOf(directory: string): Layout {
  const root = resolve(directory);
  return { directory: root, data: join(root, "data"), lock: join(root, "lock"), binaries: join(root, "binaries") };
}

/**
 * Makes the directory, private (0700), where it is missing.
 * @throws {AegisError} `directory-unreachable` where the pool's account cannot make or write it, or `disk-full`
 */
export async function makeDirectories({ directory, lock }: Layout): Promise<void> {
  try {
    await namingFullDisk(directory, () => mkdir(lock, { recursive: true, mode: 0o700 }));
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const denied = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(
      (error as NodeJS.ErrnoException).code ?? "",
    );
    throw denied ? unreachable(directory, (error as Error).message, error) : error;
  }
}
