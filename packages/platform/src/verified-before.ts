import { concatBytes } from "@aegis-pool/core";

/** The root of a batch comes back with every statement of the batch; longer messages are statements, which come once. */
const longestBytes = 256;
const entries = 1_024;
/** Genuine signatures with key and message, byte for byte; what was used longest ago goes first. */
const genuine = new Set<string>();

/** What `verify` says about these bytes, or true where it has said so before. Only what is genuine is remembered. */
export function verifiedBefore(parts: readonly Uint8Array[], verify: () => boolean): boolean {
  const bytes = concatBytes(...parts);
  if (bytes.length > longestBytes) return verify();
  const name = String.fromCharCode(...bytes);
  const known = genuine.delete(name);
  if (!known && !verify()) return false;
  genuine.add(name);
  if (genuine.size > entries) genuine.delete(genuine.values().next().value ?? "");
  return true;
}
