import type { Readable } from "node:stream";
import { AegisError } from "@aegis-pool/core";

/** SHA-256 of a blob's bytes in 64 lower-case hexadecimal digits: its only name. */
export type BlobId = string;

/** Bytes `start` up to, not including, `end`; by default from the first to the last. */
export interface ByteRange {
  readonly start?: number;
  readonly end?: number;
}

/** What a store allows. */
export interface BlobLimits {
  /** Largest blob. */
  readonly maxBlobBytes: number;
  /** All complete blobs and unfinished uploads together. */
  readonly maxTotalBytes: number;
  /** Uploads begun and neither completed, abandoned nor expired. */
  readonly maxUnfinishedUploads: number;
  /** An upload that got no bytes for longer may be removed. */
  readonly unfinishedExpiryMs: number;
}

/** What a store holds. */
export interface BlobUsage {
  readonly completeBytes: number;
  readonly unfinishedBytes: number;
  readonly unfinishedUploads: number;
}

/** One complete blob. */
export interface StoredBlob {
  readonly id: BlobId;
  readonly sizeBytes: number;
}

/**
 * Keeps sealed blobs under the hash of their bytes. An upload is begun by its first {@link append}, goes on over as many
 * as it takes, with any pauses, and becomes visible by {@link complete}, whole or not at all. Every method but `list` and
 * `usage` throws {@link AegisError} `bad-argument` for what is not a {@link BlobId}, and `disk-full` where that is so.
 */
export interface BlobStore {
  /** Where the upload stands: the bytes it has; the size where the blob is complete, 0 where there is nothing. Whoever asks is about to {@link use} it. */
  offset(id: BlobId): Promise<number>;
  /**
   * Adds `bytes` to the upload and returns where it then stands. Requests for one blob take turns; one whose sender
   * keeps it waiting ends with `upload-superseded` when another comes. What arrived before an error is kept.
   * @throws {AegisError} `wrong-offset` ({@link WrongOffsetError}), `too-large`, `storage-full`, `too-many-uploads` or
   * `upload-superseded`; and whatever `bytes` throws
   */
  append(id: BlobId, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * Checks the hash and makes the blob durable and visible. Returns its size in bytes. Again is the same as once.
   * @throws {AegisError} `blob-mismatch` (the upload is removed) or `not-found`
   */
  complete(id: BlobId): Promise<number>;
  /** Forgets an unfinished upload; false where there is none. */
  abandon(id: BlobId): Promise<boolean>;
  /**
   * The bytes of a complete blob; they stay readable when it is removed meanwhile. Read it to its end or destroy it.
   * @throws {AegisError} `not-found`, or `bad-argument` for a range outside the blob
   */
  read(id: BlobId, range?: ByteRange): Promise<Readable>;
  /** The size in bytes of a complete blob. */
  size(id: BlobId): Promise<number | undefined>;
  /** The same of a blob that is used now: nobody removes it as unused for a while. */
  use(id: BlobId): Promise<number | undefined>;
  /**
   * Removes a complete blob; false where there is none, or where it has been used since a time.
   * @param unusedSince ms since 1970; without it, used or not
   */
  remove(id: BlobId, unusedSince?: number): Promise<boolean>;
  /** All complete blobs, in no particular order. */
  list(): AsyncIterable<StoredBlob>;
  usage(): BlobUsage;
  /** Removes uploads that got no bytes for {@link BlobLimits.unfinishedExpiryMs}. Returns how many. */
  expire(): Promise<number>;
  /** Lets go of the store; no call may follow. */
  close(): Promise<void>;
}

/** Bytes were sent for another place than where the upload stands. */
export class WrongOffsetError extends AegisError {
  /** Where to go on. */
  readonly expectedOffset: number;

  constructor(id: BlobId, received: number, expectedOffset: number) {
    super({
      code: "wrong-offset",
      message: `The upload of ${id} stands at ${expectedOffset}, not at ${received}.`,
      next: `Go on from offset ${expectedOffset}.`,
    });
    this.expectedOffset = expectedOffset;
  }
}

/** Passes a {@link BlobId}. Names come from outside and become file names: nothing else may pass. */
export function checkedBlobId(id: string): BlobId {
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  throw new AegisError({
    code: "bad-argument",
    message: `A blob's name is the SHA-256 of its bytes in 64 lower-case hexadecimal digits, not ${JSON.stringify(id.slice(0, 80))}.`,
    next: "Name the blob by the hash of the sealed bytes.",
  });
}
