import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** What became of an upload. */
export type Taken = "taken" | "too-long" | "other-hash";

/** Uploads and sums of masks go when their round is over; sums stay. */
export type RunFileKind = "round" | "sums";
const kinds: readonly RunFileKind[] = ["round", "sums"];

/**
 * Files of federated runs, under the SHA-256 of their bytes in hexadecimal. They are not synced: what a crash of the machine loses of a round is that round.
 */
export class RunFiles {
  readonly #directory: string;
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
  async take(run: string, file: { kind: RunFileKind; hash: string; length: number }, bytes: Readable): Promise<Taken> {
    const folder = this.#folder(run, file.kind);
    const part = join(folder, `.${this.#next++}`);
    const digest = createHash("sha256");
    const opened = await open(part, "wx", 0o600);
    try {
      let size = 0;
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > file.length) return "too-long";
        digest.update(chunk);
        await opened.writeFile(chunk);
      }
      if (size !== file.length || digest.digest("hex") !== file.hash) return "other-hash";
      await rename(part, join(folder, file.hash));
      return "taken";
    } finally {
      await opened.close();
      await rm(part, { force: true });
    }
  }

  /** The file's length and bytes, or undefined. */
  async read(run: string, hash: string): Promise<{ length: number; bytes: Readable } | undefined> {
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
    await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
    return names;
  }

  #folder(run: string, kind: RunFileKind): string {
    return join(this.#directory, run, kind);
  }
}
