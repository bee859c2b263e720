import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type JsonValue, valueTag } from "@aegis-pool/core";
import { asDiskError, openFile, primitives } from "@aegis-pool/platform";
import { LocalFile } from "../local-file.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { inTemporaryFolder } from "./shared-input.js";

/** A sealed result to be opened into a file. */
export interface ResultBlob {
  /** SHA-256 of the sealed bytes. */
  readonly hash: Uint8Array;
  readonly maxBytes: number;
  readonly contentKey: Uint8Array;
  /** Where the file goes, and its name there but for the ending ".bin". */
  readonly folder: string;
  readonly name: string;
}

/**
 * Opens a result of any size with a few MiB of memory: one of bytes stays in a file, one of JSON is read from it.
 * @throws {RangeError} where it is not the one named, or not genuine
 */
export async function openResultFile(client: PoolClient, blob: ResultBlob): Promise<LocalFile | JsonValue> {
  const path = join(blob.folder, `${blob.name}.bin`);
  try {
    await mkdir(blob.folder, { recursive: true });
    await rm(path, { force: true });
    const tag = await inTemporaryFolder(async (folder) => {
      const from = join(folder, "sealed");
      await client.downloadFile(blob.hash, blob.maxBytes, from);
      return openFile({ from, hash: blob.hash, prefixBytes: 1 }, path, { owner: blob.contentKey, purpose: "result" });
    });
    if (tag[0] === valueTag.bytes) return new LocalFile(path);
    const text = primitives.text.decode(await readFile(path));
    await rm(path);
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw asDiskError(error, path);
  }
}
