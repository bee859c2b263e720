import { ascii, equalBytes } from "../../../shared/bytes.js";
import type { SumBinding } from "../binding.js";

/**
 * Where a member writes down what it is about to sign, before it signs it: the first value for a sum stays for ever.
 * Returns the value that stands: `value`, where none stood, or the earlier one.
 */
export type RecordFirst = (sum: SumBinding, value: Uint8Array) => Promise<Uint8Array>;

/** What is recorded for ABORT, where otherwise a hash is: no hash is this short. */
const abort = ascii("abort");

/**
 * Whether a member may sign `survivors` (absent: ABORT) for `sum`: nothing else stands there. It is written down before this resolves, so that
 * not even a member that was stopped in between can sign another thing.
 */
export async function maySign(
  survivors: Uint8Array | undefined,
  sum: SumBinding,
  recordFirst: RecordFirst,
): Promise<boolean> {
  const value = survivors ?? abort;
  return equalBytes(await recordFirst(sum, value), value);
}
