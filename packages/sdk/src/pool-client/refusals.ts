import { AegisError, toHex } from "@aegis-pool/core";

export const notAPool = (url: string) =>
  new AegisError({
    code: "pool-unreachable",
    message: `What answers at ${url} is not an Aegis pool of this version.`,
    next: 'Check the URL; /v1/pool there should name "aegis-pool".',
  });

export const keyChanged = (url: string, pinned: string, shown: string) =>
  new AegisError({
    code: "pool-key-changed",
    message: `The pool at ${url} shows key ${shown.slice(0, 16)}…, but ${pinned.slice(0, 16)}… is pinned.`,
    next: "Somebody may be between you and the pool. Ask its operator; pin the new key only if they confirm it.",
  });

export const blobMismatch = (hash: Uint8Array) =>
  new AegisError({
    code: "blob-mismatch",
    message: `The pool answered with other bytes than blob ${toHex(hash)}.`,
    next: "Try again; if it happens twice, do not trust this pool.",
  });
