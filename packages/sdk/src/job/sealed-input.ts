import { equalBytes, openBytes, readStatement, taskManifest } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { PoolClient } from "../pool-client/pool-client.js";
import type { JudgeMessage } from "./releaser.js";
import type { OpenableTask } from "./results.js";

/** A larger input is not fetched to check a result, in bytes. */
const mostInputBytes = 1024 ** 3;

/**
 * A task's own input, tagged, as the pool gives it back: the manifest is the one that was signed, the bytes are the manifest's. Undefined
 * where they are not, or the pool has them no more.
 */
export async function openInput(
  { manifest, input }: Pick<JudgeMessage, "manifest" | "input">,
  task: OpenableTask,
  client: PoolClient,
): Promise<Uint8Array | undefined> {
  const isOwn = manifest && equalBytes(primitives.sha256(manifest.body), task.manifestHash);
  const statement = isOwn && readStatement(taskManifest, manifest);
  if (!statement) return undefined;
  const sealed = input ?? (await client.download(statement.input, mostInputBytes).catch(() => undefined));
  if (!sealed || !equalBytes(primitives.sha256(sealed), statement.input)) return undefined;
  return openBytes(sealed, { owner: task.contentKey, purpose: "input" }, primitives);
}
