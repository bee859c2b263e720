import type { ContentKey } from "../privacy/keys.js";
import type { Primitives } from "../privacy/primitives.js";
import type { RunStatement } from "../protocol/statements/work.js";
import { ascii } from "../shared/bytes.js";

const noSalt = new Uint8Array(0);

/** Failures that hang on how fast or large the machine is: they say nothing about what the program gives. */
const machinesOwn: ReadonlySet<RunStatement["outcome"]> = new Set(["time-limit", "memory-limit"]);

/** Whether what a run gave can be held against what others gave. */
export function isComparable(outcome: RunStatement["outcome"]): boolean {
  return !machinesOwn.has(outcome);
}

/**
 * What results of one task are compared by: HMAC-SHA256 (RFC 2104) of outcome and value under HKDF(content key, "fp"), which the pool
 * does not have. Runs of one task have one content key, and equal fingerprints only where program, input and engine gave the same.
 * @param value the output as the program gave it, tagged; of a run that failed only how it failed counts
 */
export function fingerprintOf({ outcome, value }: Given, content: ContentKey, primitives: Primitives): Uint8Array {
  const key = primitives.hkdf(content, noSalt, ascii("aegis-pool/v1/fp"), 32);
  return primitives.hmac(key, ascii(outcome), Uint8Array.of(0), value ?? noSalt);
}

/** What a run gave, as others are held against it. */
export interface Given {
  readonly outcome: RunStatement["outcome"];
  /** The output as the program gave it, tagged; undefined where it failed. */
  readonly value: Uint8Array | undefined;
}

/**
 * What an agent commits to by a run, and what opens that. Whoever has the content key can make it too: so a requester sees whether the
 * result that it got is the one that its agent has committed to.
 */
export function bindTo(
  given: Given,
  { agent, content }: { readonly agent: Uint8Array; readonly content: ContentKey },
  primitives: Primitives,
): { readonly nonce: Uint8Array; readonly fingerprint: Uint8Array; readonly commitment: Uint8Array } {
  const key = primitives.hkdf(content, noSalt, ascii("aegis-pool/v1/result-nonce"), 32);
  const opening = { nonce: primitives.hmac(key, agent), fingerprint: fingerprintOf(given, content, primitives) };
  return { ...opening, commitment: commitmentTo({ agent, ...opening }, primitives) };
}

/** What an agent binds itself to before it sees what others have: nobody else's commitment is of any use to it, since its own key is in it. */
export function commitmentTo(
  { agent, nonce, fingerprint }: { agent: Uint8Array; nonce: Uint8Array; fingerprint: Uint8Array },
  primitives: Primitives,
): Uint8Array {
  return primitives.sha256(ascii("aegis-pool/v1/result-commitment"), agent, nonce, fingerprint);
}
