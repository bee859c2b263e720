import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AegisError, encodeValue, jobKey, sealBytes, type TaskValue, valueTag } from "@aegis-pool/core";
import { asDiskError, hasCode, primitives, sealFile } from "@aegis-pool/platform";
import { LocalFile } from "../local-file.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import type { JobSecret } from "./job-secret.js";

/** Seals and uploads what all tasks of a job share; the answer is what the manifests name it by. */
export async function uploadShared(
  client: PoolClient,
  { secret }: JobSecret,
  shared: TaskValue | LocalFile,
): Promise<Uint8Array> {
  const context = { owner: jobKey(secret, "shared", primitives), purpose: "shared" } as const;
  if (shared instanceof LocalFile) {
    // a blob is named by the hash of its sealed bytes, so these must be there before the first is sent
    return inTemporaryFolder(async (folder) => {
      const path = join(folder, "shared");
      const sealed = await sealFile(shared.path, path, context, Uint8Array.of(valueTag.bytes)).catch(
        rethrow(shared.path),
      );
      await client.uploadFile(path, sealed);
      return sealed.hash;
    });
  }
  return client.upload(sealBytes(encodeValue(shared, primitives.text), context, primitives));
}

/** What `work` answers; the folder is gone afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "aegis-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rethrow = (path: string) => (error: unknown) => {
  if (error instanceof RangeError || hasCode(error, "ENOENT") || hasCode(error, "EACCES") || hasCode(error, "EISDIR")) {
    throw new AegisError({
      code: "bad-argument",
      message: `${path} cannot be read: ${(error as Error).message}.`,
      next: "Check the path, and that nothing writes to the file meanwhile.",
      cause: error,
    });
  }
  throw asDiskError(error, tmpdir());
};
