export { type BlobLimits, type BlobStore, type ByteRange, WrongOffsetError } from "./blob-store.js";
export { openDirectoryBlobStore } from "./directory-blob-store.js";
