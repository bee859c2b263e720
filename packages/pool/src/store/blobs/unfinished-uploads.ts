import { mkdir, open, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { tooManyUploads } from "./blob-errors.js";
import type { BlobId, BlobLimits } from "./blob-store.js";

interface Upload {
  /** Bytes that the file has, or is about to have: space is taken before it is written to. */
  sizeBytes: number;
  touchedMs: number;
}

/** The uploads that are not complete: one file each, whose length is where the upload stands. */
export class UnfinishedUploads {
  readonly #directory: string;
  readonly #limits: BlobLimits;
  readonly #now: () => number;
  readonly #uploads = new Map<BlobId, Upload>();

  private constructor(directory: string, limits: BlobLimits, now: () => number) {
    this.#directory = directory;
    this.#limits = limits;
    this.#now = now;
  }

  /** Finds what an earlier process left in `directory`; each stays where it stood. */
  static async open(directory: string, limits: BlobLimits, now: () => number): Promise<UnfinishedUploads> {
    const uploads = new UnfinishedUploads(directory, limits, now);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(directory)) {
      const { size, mtimeMs } = await stat(join(directory, name));
      uploads.#uploads.set(name, { sizeBytes: size, touchedMs: mtimeMs });
    }
    return uploads;
  }

  get count(): number {
    return this.#uploads.size;
  }

  get totalBytes(): number {
    return [...this.#uploads.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Where the upload stands; undefined where there is none. */
  sizeOf(id: BlobId): number | undefined {
    return this.#uploads.get(id)?.sizeBytes;
  }

  path(id: BlobId): string {
    return join(this.#directory, id);
  }

  /**
   * Opens the upload's file, beginning the upload where there is none.
   * @throws {AegisError} `too-many-uploads`
   */
  async begin(id: BlobId): Promise<FileHandle> {
    if (!this.#uploads.has(id)) {
      if (this.count >= this.#limits.maxUnfinishedUploads) throw tooManyUploads(this.#limits);
      this.#uploads.set(id, { sizeBytes: 0, touchedMs: this.#now() });
    }
    try {
      return await open(this.path(id), "a", 0o600);
    } catch (error) {
      await this.measure(id);
      throw error;
    }
  }

  /** Takes space for `bytes` more. */
  grow(id: BlobId, bytes: number): void {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return;
    upload.sizeBytes += bytes;
    upload.touchedMs = this.#now();
  }

  /** Sets where the upload stands to what its file really has, after a failure. */
  async measure(id: BlobId): Promise<void> {
    const file = await stat(this.path(id)).catch(() => undefined);
    if (file === undefined) this.#uploads.delete(id);
    else this.#uploads.set(id, { sizeBytes: file.size, touchedMs: this.#now() });
  }

  /** Removes the upload; false where there is none. */
  async drop(id: BlobId): Promise<boolean> {
    await rm(this.path(id), { force: true });
    return this.#uploads.delete(id);
  }

  /** Forgets the upload, whose file has moved on. */
  forget(id: BlobId): void {
    this.#uploads.delete(id);
  }

  /** Those that got no bytes for too long. */
  expired(): BlobId[] {
    const oldestMs = this.#now() - this.#limits.unfinishedExpiryMs;
    return [...this.#uploads].filter(([, { touchedMs }]) => touchedMs < oldestMs).map(([id]) => id);
  }
}
