import { stat } from "node:fs/promises";

/** The account that runs PostgreSQL; empty where it is the pool's own. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/** "nobody" on Linux and macOS alike: an id that owns nothing. */
const nobody = 65534;

/**
 * The account to run PostgreSQL under: the pool's own, except as root, which PostgreSQL refuses. Then it is the owner of
 * the existing `dataDirectory` (an ordinary user may have made it), or else uid 65534.
 */
export async function serverAccount(dataDirectory: string): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {};
  const existing = await stat(dataDirectory).catch(() => undefined);
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  return { uid: nobody, gid: nobody };
}

/**
 * How PostgreSQL's programs, started in `dataDirectory`, are told of it. As root we may have been given a directory below
 * one that the account cannot pass, such as `/root`. We can enter it, and change the account afterwards; Linux then lets
 * the process name the place where it stands without passing through the parents.
 */
export function ownNameOf(dataDirectory: string, { uid }: ServerAccount): string {
  return uid !== undefined && process.platform === "linux" ? "/proc/self/cwd" : dataDirectory;
}
