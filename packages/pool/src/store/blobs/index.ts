export { type BlobId, type BlobLimits, type BlobStore, type BlobUsage, type ByteRange } from "./blob-store.js";
export { type StoredBlob, WrongOffsetError } from "./blob-store.js";
export { openDirectoryBlobStore } from "./directory-blob-store.js";
