import { createHash } from "node:crypto";
import { mkdir, open, opendir, rename, rm, stat, utimes, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { type DirectoryLock, lockDirectory } from "../directory-lock.js";
import { namingFullDisk } from "../directory-errors.js";
import { syncDirectory } from "../sync-directory.js";
import { mismatch, notFound, outsideBlob, storageFull, superseded, tooLarge } from "./blob-errors.js";
import {
  type BlobId,
  type BlobLimits,
  type BlobStore,
  type BlobUsage,
  type ByteRange,
  checkedBlobId,
  type StoredBlob,
  WrongOffsetError,
} from "./blob-store.js";
import { UnfinishedUploads } from "./unfinished-uploads.js";
import { UploadTurns, untilAborted } from "./upload-turns.js";

/**
 * Opens, or makes, a {@link BlobStore} in `directory`, for this process alone: complete blobs in `complete/`,
 * unfinished uploads in `unfinished/`. Files are readable by the pool's account only.
 * @param now milliseconds since 1970, for expiry
 * @throws {AegisError} `directory-in-use` where another process has it open, or `disk-full`
 */
export function openDirectoryBlobStore(
  directory: string,
  limits: BlobLimits,
  now: () => number = Date.now,
): Promise<BlobStore> {
  return namingFullDisk(directory, async () => {
    const lockFolder = join(directory, "lock");
    await mkdir(lockFolder, { recursive: true, mode: 0o700 });
    const lock = await lockDirectory(lockFolder);
    try {
      const unfinished = await UnfinishedUploads.open(join(directory, "unfinished"), limits, now);
      const complete = join(directory, "complete");
      const store = new DirectoryBlobStore({
        complete,
        limits,
        unfinished,
        lock,
        completeBytes: await prepare(complete),
        now,
      });
      await store.expire();
      return store;
    } catch (error) {
      await lock.release();
      throw error;
    }
  });
}

interface Parts {
  readonly complete: string;
  readonly limits: BlobLimits;
  readonly unfinished: UnfinishedUploads;
  readonly lock: DirectoryLock;
  readonly completeBytes: number;
  readonly now: () => number;
}

/** That a blob is used is noted so often, in ms. */
const usedEveryMs = 3_600_000;

class DirectoryBlobStore implements BlobStore {
  readonly #complete: string;
  readonly #limits: BlobLimits;
  readonly #unfinished: UnfinishedUploads;
  readonly #lock: DirectoryLock;
  readonly #now: () => number;
  readonly #turns = new UploadTurns();
  #completeBytes: number;

  constructor({ complete, limits, unfinished, lock, completeBytes, now }: Parts) {
    this.#complete = complete;
    this.#limits = limits;
    this.#unfinished = unfinished;
    this.#lock = lock;
    this.#completeBytes = completeBytes;
    this.#now = now;
  }

  async offset(id: BlobId): Promise<number> {
    return (await this.use(id)) ?? this.#stands(id);
  }

  append(id: BlobId, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    return this.#exclusively(id, async (signal) => {
      const stands = (await this.size(id)) ?? this.#stands(id);
      if (offset !== stands) throw new WrongOffsetError(id, offset, stands);
      if ((await this.size(id)) !== undefined) return stands;
      if (this.#unfinished.sizeOf(id) === undefined) await this.expire();
      const file = await this.#unfinished.begin(id);
      try {
        for await (const chunk of untilAborted(bytes, signal, () => superseded(id))) await this.#write(id, file, chunk);
      } finally {
        await file.close();
      }
      return (await this.size(id)) ?? this.#stands(id);
    });
  }

  complete(id: BlobId): Promise<number> {
    return this.#exclusively(id, async () => {
      const already = await this.size(id);
      if (already !== undefined) return already;
      const sizeBytes = this.#unfinished.sizeOf(id);
      if (sizeBytes === undefined) throw notFound(id, "upload");
      await this.#verify(id);
      await rename(this.#unfinished.path(id), this.#path(id));
      this.#unfinished.forget(id);
      this.#completeBytes += sizeBytes;
      await syncDirectory(this.#complete);
      return sizeBytes;
    });
  }

  abandon(id: BlobId): Promise<boolean> {
    return this.#exclusively(id, () => this.#unfinished.drop(id));
  }

  async read(id: BlobId, range: ByteRange = {}): Promise<Readable> {
    const file = await open(this.#path(checkedBlobId(id))).catch(unlessMissing);
    if (file === undefined) throw notFound(id, "blob");
    try {
      const sizeBytes = (await file.stat()).size;
      const { start = 0, end = sizeBytes } = range;
      const within = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= sizeBytes;
      if (!within) throw outsideBlob(id, sizeBytes, range);
      if (start < end) return file.createReadStream({ start, end: end - 1 });
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return Readable.from([]);
  }

  async size(id: BlobId): Promise<number | undefined> {
    return (await this.#find(id))?.size;
  }

  async use(id: BlobId): Promise<number | undefined> {
    const found = await this.#find(id);
    const now = this.#now();
    if (!found || now - found.mtimeMs < usedEveryMs) return found?.size;
    return this.#exclusively(id, async () => {
      await utimes(this.#path(id), now / 1_000, now / 1_000).catch(unlessMissing);
      return this.size(id);
    });
  }

  remove(id: BlobId, unusedSince = Infinity): Promise<boolean> {
    return this.#exclusively(id, async () => {
      const found = await this.#find(id);
      if (!found || found.mtimeMs >= unusedSince) return false;
      const sizeBytes = found.size;
      await rm(this.#path(id));
      this.#completeBytes -= sizeBytes;
      await syncDirectory(this.#complete);
      return true;
    });
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for await (const { name } of await opendir(this.#complete)) {
      const sizeBytes = await this.size(name);
      if (sizeBytes !== undefined) yield { id: name, sizeBytes };
    }
  }

  usage(): BlobUsage {
    return {
      completeBytes: this.#completeBytes,
      unfinishedBytes: this.#unfinished.totalBytes,
      unfinishedUploads: this.#unfinished.count,
    };
  }

  async expire(): Promise<number> {
    const dropped = await Promise.all(this.#unfinished.expired().map((id) => this.#unfinished.drop(id)));
    return dropped.filter(Boolean).length;
  }

  close(): Promise<void> {
    return this.#lock.release();
  }

  #exclusively<T>(id: BlobId, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return namingFullDisk(this.#complete, async () => this.#turns.take(checkedBlobId(id), work));
  }

  async #write(id: BlobId, file: FileHandle, chunk: Uint8Array): Promise<void> {
    const sizeBytes = (this.#unfinished.sizeOf(id) ?? 0) + chunk.length;
    if (sizeBytes > this.#limits.maxBlobBytes) {
      await this.#unfinished.drop(id); // it can never be completed
      throw tooLarge(id, this.#limits);
    }
    const { completeBytes, unfinishedBytes } = this.usage();
    if (completeBytes + unfinishedBytes + chunk.length > this.#limits.maxTotalBytes) throw storageFull(this.#limits);
    this.#unfinished.grow(id, chunk.length);
    try {
      await file.appendFile(chunk);
    } catch (error) {
      await this.#unfinished.measure(id);
      throw error;
    }
  }

  // Read back from the file rather than hashed on the way: it covers every resume, and what the disk really has.
  async #verify(id: BlobId): Promise<void> {
    const file = await open(this.#unfinished.path(id), "r+");
    try {
      const hash = createHash("sha256");
      for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
      const received = hash.digest("hex");
      if (received !== id) throw mismatch(id, received);
      await file.sync();
    } catch (error) {
      // Wrong, or not on the disk: after a failed sync nobody knows which bytes are. Neither can be resumed.
      await this.#unfinished.drop(id);
      throw error;
    } finally {
      await file.close();
    }
  }

  #stands(id: BlobId): number {
    return this.#unfinished.sizeOf(id) ?? 0;
  }

  #find(id: BlobId) {
    return stat(this.#path(checkedBlobId(id))).catch(unlessMissing);
  }

  #path(id: BlobId): string {
    return join(this.#complete, id);
  }
}

/** Makes the folder of complete blobs where it is missing, and returns the bytes in it. */
async function prepare(complete: string): Promise<number> {
  await mkdir(complete, { recursive: true, mode: 0o700 });
  let bytes = 0;
  for await (const { name } of await opendir(complete)) bytes += (await stat(join(complete, name))).size;
  await syncDirectory(dirname(complete));
  return bytes;
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
