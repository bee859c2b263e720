import type { ToPool } from "@aegis-pool/core";

/** A lease that its agent does not take, or no longer. */
export type GivenBack = Extract<ToPool, { type: "decline" | "hand-back" }>;

/** Reasons that tell of the agent, not of the requester, and not of an owner who takes the machine back. */
export const agentsFault: ReadonlySet<GivenBack["reason"]> = new Set(["busy", "unsupported", "sandbox-broken"]);

/** Reasons that tell of what the requester sent: else it could have any agent's availability count for nothing. */
export const requestersFault: ReadonlySet<GivenBack["reason"]> = new Set([
  "key-mismatch",
  "key-unreadable",
  "blob-mismatch",
  "manifest-invalid",
]);
