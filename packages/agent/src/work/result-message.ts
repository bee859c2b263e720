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
  /** Of a task that may be checked. */
  readonly check: RunStatement["check"];
}

/** Seals output and log, where there is one, with the task's own key, and states what was run. */
export function sealRun(outcome: RunOutcome & { readonly reason?: FailureReason }, run: RunIdentity): SealedRun {
  const { result, log } = sealParts(outcome, run.keys.content);
  const hash = primitives.sha256(result);
  const statement: RunStatement = {
    number: run.number,
    fence: run.fence,
    agent: run.signer.publicKey,
    manifest: run.manifestHash,
    outcome: outcome.ok ? "completed" : outcome.reason,
    result: hash,
    resultBytes: result.length,
    ...(outcome.ok && log && { log: primitives.sha256(log) }),
    ...(run.check && { check: run.check }),
    ...(outcome.fuel !== undefined && { fuel: outcome.fuel }),
    ranMs: Math.round(outcome.wallMs),
    engine: run.engine,
  };
  const inline = result.length <= protocolLimits.inlineBytes;
  const message: SealedRun["message"] = {
    type: "result",
    run: signStatement(runStatement, statement, run.signer),
    ...(log && { log }),
    ...(outcome.ok && inline && { inline: result }),
  };
  return { message, blob: inline ? undefined : { hash, bytes: result } };
}

/** Most programs write nothing to their console: then there is no log to seal. Of a failed task the log is the result. */
function sealParts(outcome: RunOutcome, owner: Uint8Array) {
  const seal = (bytes: Uint8Array, purpose: "log" | "result") => sealBytes(bytes, { owner, purpose }, primitives);
  if (!outcome.ok) {
    const log = seal(Buffer.from(failureLog(outcome)), "log");
    return { result: log, log };
  }
  const log = outcome.log === "" ? undefined : seal(Buffer.from(outcome.log), "log");
  return { result: seal(outcome.output, "result"), log };
}

/** A failed task's log ends with the reason, so that its requester sees why. */
function failureLog(outcome: Extract<RunOutcome, { ok: false }>): string {
  return `${outcome.log}${outcome.log && !outcome.log.endsWith("\n") ? "\n" : ""}${outcome.message}\n`;
}
