import { AegisError, type LendingTerms, parseHours } from "@aegis-pool/core";

/** The longest quiet time that may be asked for, in ms: a day. */
const longestQuietMs = 86_400_000;

/**
 * An owner's terms out of what they wrote.
 * @throws {AegisError} `bad-argument`, also for a quiet time on a system where the owner's presence cannot be seen
 */
export function lendingTerms(
  { hours, quietMs }: { readonly hours?: string | undefined; readonly quietMs?: number | undefined },
  platform: string = process.platform,
): LendingTerms {
  const ranges = hours === undefined ? undefined : parseHours(hours);
  if (typeof ranges === "string") {
    throw new AegisError({
      code: "bad-argument",
      message: `--hours ${ranges}.`,
      next: 'Give the hours in which you lend, such as "22-8".',
    });
  }
  if (quietMs !== undefined && platform !== "linux") {
    throw new AegisError({
      code: "bad-argument",
      message: `Whether you use this machine cannot be seen on ${platform}, only on Linux.`,
      next: "Lend in certain hours (--hours), or pause by hand (`aegis agent pause`).",
    });
  }
  if (quietMs !== undefined && !(quietMs >= 1_000 && quietMs <= longestQuietMs)) {
    throw new AegisError({
      code: "bad-argument",
      message: `A quiet time of ${quietMs} ms is out of range: 1 s to 24 h.`,
      next: 'Give another, such as "--quiet 60s".',
    });
  }
  return { hours: ranges, quietMs };
}
