import { AegisError } from "@aegis-pool/core";
import type { BlobId, BlobLimits, ByteRange } from "./blob-store.js";

/** No complete blob, or no upload, of this name. */
export function notFound(id: BlobId, what: "blob" | "upload"): AegisError {
  return new AegisError({ code: "not-found", message: `There is no ${what} ${id}.`, next: "Upload it first." });
}

/** The bytes received are not those that the name stands for. */
export function mismatch(id: BlobId, received: string): AegisError {
  return new AegisError({
    code: "blob-mismatch",
    message: `The bytes uploaded as ${id} have the SHA-256 ${received}; the upload was removed.`,
    next: "Send the blob again from offset 0.",
  });
}

/** More bytes than one blob may have. */
export function tooLarge(id: BlobId, { maxBlobBytes }: BlobLimits): AegisError {
  return new AegisError({
    code: "too-large",
    message: `Blob ${id} is larger than ${maxBlobBytes} bytes, the most that is stored; the upload was removed.`,
    next: "Split it, or ask the pool's operator for a higher limit.",
  });
}

/** More bytes than the store may have. */
export function storageFull({ maxTotalBytes }: BlobLimits): AegisError {
  return new AegisError({
    code: "storage-full",
    message: `The pool stores ${maxTotalBytes} bytes of blobs at most, and they are taken.`,
    next: "Try again later, or raise the limit; the upload goes on from where it stopped.",
  });
}

/** More uploads than may be unfinished at once. */
export function tooManyUploads({ maxUnfinishedUploads }: BlobLimits): AegisError {
  return new AegisError({
    code: "too-many-uploads",
    message: `${maxUnfinishedUploads} uploads are unfinished, the most that the pool allows.`,
    next: "Try again later.",
  });
}

/** Another request for the same blob took over. */
export function superseded(id: BlobId): AegisError {
  return new AegisError({
    code: "upload-superseded",
    message: `The upload of ${id} got no bytes while another request for it waited, which took over.`,
    next: "Ask for the offset and go on from there, unless the newer request is your own.",
  });
}

/** A range that does not lie within the blob. */
export function outsideBlob(id: BlobId, sizeBytes: number, { start, end }: ByteRange): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `Bytes ${start ?? 0} to ${end ?? sizeBytes} do not lie within blob ${id}, which has ${sizeBytes}.`,
    next: `Ask for whole numbers 0 <= start <= end <= ${sizeBytes}.`,
  });
}
