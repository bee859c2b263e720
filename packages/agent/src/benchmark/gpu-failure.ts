import { AegisError } from "@aegis-pool/core";
import type { RunOutcome } from "../engines/index.js";
import type { GpuFailureName } from "../sandbox/realm/programs/gpu/failures.js";

type Failed = Extract<RunOutcome, { ok: false }>;

/** Why a graphics card gave no result: what its program says of it, else how the sandbox ended. */
export type GpuFailureReason = GpuFailureName | Failed["reason"];

const named = /\b(no-adapter|device-lost|out-of-memory|kernel-invalid): ([^]*)/;

/** A graphics card could not be measured, for this reason. Its sandbox is of no more use: open another. */
export class GpuFailed extends AegisError {
  readonly reason: GpuFailureReason;

  constructor({ reason, message }: Pick<Failed, "reason" | "message">) {
    const [, name, words = message] = reason === "threw" ? (named.exec(message) ?? []) : [];
    const why = (name as GpuFailureName | undefined) ?? reason;
    super({
      code: "gpu-failed",
      message: `The graphics card could not be measured: ${why} (${words}).`,
      next: "Run `aegis doctor`; docs/errors/gpu-failed.md says what each reason means.",
    });
    this.reason = why;
  }
}
