import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { KeptFiles } from "./kept-files.js";

/** What became of an upload. */
export type Taken = "taken" | "too-long" | "other-hash";

/** Uploads and sums of masks go when their round is over; sums stay. */
export type RunFileKind = "round" | "sums";
const kinds: readonly RunFileKind[] = ["round", "sums"];

/** A file that is expected. */
interface RunFile {
  readonly kind: RunFileKind;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  /** In bytes. */
  readonly length: number;
}

/**
 * Files of federated runs, under the SHA-256 of their bytes in hexadecimal. They are not synced: what a crash of the machine loses of a round is that round.
 */
export class RunFiles {
  readonly #directory: string;
  readonly #kept = new KeptFiles();
  #next = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The hashes of a run's files, after a start: what was under way is gone. */
  async open(run: string): Promise<Set<string>> {
    const found = new Set<string>();
    for (const kind of kinds) {
      const folder = this.#folder(run, kind);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        if (/^[0-9a-f]{64}$/.test(name)) found.add(name);
        else await rm(join(folder, name));
      }
    }
    return found;
  }

  /** Takes `bytes` as the file with this hash, of exactly `length` bytes. */
  async take(run: string, file: RunFile, bytes: Readable): Promise<Taken> {
    const folder = this.#folder(run, file.kind);
    const part = join(folder, `.${this.#next++}`);
    const room = this.#kept.reserve(file.length);
    try {
      const taken = room ? await inMemory(part, file, bytes) : await onDisk(part, file, bytes);
      if (typeof taken === "string" && taken !== "taken") return taken;
      await rename(part, join(folder, file.hash));
      if (room && typeof taken !== "string") room.keep(run, file.hash, taken);
      return "taken";
    } finally {
      room?.leave();
      await rm(part, { force: true });
    }
  }

  /** The file's length and bytes, or undefined. */
  async read(run: string, hash: string): Promise<{ length: number; bytes: Readable | Buffer } | undefined> {
    const kept = this.#kept.get(run, hash);
    if (kept) return { length: kept.length, bytes: kept };
    for (const kind of kinds) {
      const path = join(this.#folder(run, kind), hash);
      const found = await stat(path).catch(() => undefined);
      if (found) return { length: found.size, bytes: createReadStream(path) };
    }
    return undefined;
  }

  /** Removes what a round has left. @returns the hashes of what was there */
  async clearRound(run: string): Promise<string[]> {
    const folder = this.#folder(run, "round");
    const names = await readdir(folder);
    for (const name of names) this.#kept.drop(run, name);
    await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
    return names;
  }

  /** Removes all files of a run. */
  async remove(run: string): Promise<void> {
    await rm(join(this.#directory, run), { recursive: true, force: true });
  }

  #folder(run: string, kind: RunFileKind): string {
    return join(this.#directory, run, kind);
  }
}

/** The file, when it is on the disk too. */
async function inMemory(path: string, file: RunFile, bytes: Readable): Promise<Buffer | Taken> {
  const pieces: Buffer[] = [];
  const taken = await eachPiece(file, bytes, (piece) => void pieces.push(piece));
  if (taken !== "taken") return taken;
  const whole = Buffer.concat(pieces, file.length);
  await writeFile(path, whole, { flag: "wx", mode: 0o600 });
  return whole;
}

async function onDisk(path: string, file: RunFile, bytes: Readable): Promise<Taken> {
  const opened = await open(path, "wx", 0o600);
  try {
    return await eachPiece(file, bytes, (piece) => opened.writeFile(piece));
  } finally {
    await opened.close();
  }
}

async function eachPiece(
  { length, hash }: RunFile,
  bytes: Readable,
  take: (piece: Buffer) => void | Promise<void>,
): Promise<Taken> {
  const digest = createHash("sha256");
  let size = 0;
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > length) return "too-long";
    digest.update(piece);
    await take(piece);
  }
  return size === length && digest.digest("hex") === hash ? "taken" : "other-hash";
}
