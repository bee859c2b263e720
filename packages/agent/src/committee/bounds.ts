import { subsetsKnownTo } from "@aegis-pool/core";
import type { Asked } from "./messages.js";

/** What a pool can have a member hold, at most. */
export const dutyBounds = {
  /** Attempts that are open at the same time, over all runs. */
  attempts: 16,
  /** Messages of one attempt that wait for their turn; each participant, upload and survivor in one counts too. All fit twice. */
  waiting: 2_048,
  /** An attempt that nobody speaks of for this long is over, in ms: an hour more than participants can have for an upload. */
  silentMs: 25 * 3_600_000,
  /** Tasks whose working time and signed run are kept until they are asked for again. */
  tasks: 1_024,
} as const;

/** Bytes that an upload's statement takes while it is held, at most: seven boxes of 1 KiB, 21 hashes, and what they hang in. */
const heldUploadBytes = 16 * 1024;

/**
 * Memory that an attempt can come to need, in bytes: of each group the masked sum, the sums of the masks that the member knows, and the sum; one
 * file on its way; and the statements of all uploads.
 */
export function bytesOfAttempt({
  length,
  member,
  shape,
  groupOf,
  participants,
}: Pick<Asked<"open">, "length" | "member" | "shape" | "groupOf" | "participants">): number {
  const groups = new Set(groupOf).size;
  const arrays = groups * (subsetsKnownTo(member, shape).length + 2) + 1;
  return 4 * length * arrays + participants.length * heldUploadBytes;
}
