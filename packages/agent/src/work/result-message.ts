import {
  type FailureReason,
  protocolLimits,
  type RunStatement,
  runStatement,
  sealBytes,
  type Signer,
  signStatement,
  type TaskKeys,
  type TaskManifest,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { RunOutcome } from "../engines/index.js";

/** A finished run, sealed for its requester and signed by this agent. */
export interface SealedRun {
  readonly message: Extract<ToPool, { type: "result" }>;
  /** A sealed result too large for the message: to be uploaded before it is sent. */
  readonly blob: { readonly hash: Uint8Array; readonly bytes: Uint8Array } | undefined;
}

/** What a run was of. */
export interface RunIdentity {
  readonly number: number;
  readonly fence: number;
  readonly manifest: TaskManifest;
  readonly manifestHash: Uint8Array;
  readonly keys: TaskKeys;
  readonly signer: Signer;
  /** Engine and version. */
  readonly engine: string;
}

/** Seals output and log with the task's own key, and states what was run. */
export function sealRun(outcome: RunOutcome & { readonly reason?: FailureReason }, run: RunIdentity): SealedRun {
  const owner = run.keys.content;
  const log = sealBytes(Buffer.from(logOf(outcome)), { owner, purpose: "log" }, primitives);
  const result = outcome.ok ? sealBytes(outcome.output, { owner, purpose: "result" }, primitives) : log;
  const hash = primitives.sha256(result);
  const statement: RunStatement = {
    number: run.number,
    fence: run.fence,
    agent: run.signer.publicKey,
    manifest: run.manifestHash,
    outcome: outcome.ok ? "completed" : outcome.reason,
    result: hash,
    resultBytes: result.length,
    ranMs: Math.round(outcome.wallMs),
    engine: run.engine,
  };
  const inline = result.length <= protocolLimits.inlineBytes;
  const message: SealedRun["message"] = {
    type: "result",
    run: signStatement(runStatement, statement, run.signer),
    log,
    ...(outcome.ok && inline && { inline: result }),
  };
  return { message, blob: inline ? undefined : { hash, bytes: result } };
}

/** A failed task's log ends with the reason, so that its requester sees why. */
function logOf(outcome: RunOutcome): string {
  if (outcome.ok) return outcome.log;
  return `${outcome.log}${outcome.log && !outcome.log.endsWith("\n") ? "\n" : ""}${outcome.message}\n`;
}
