import { equalBytes } from "@aegis-pool/core";
import type { RunFileKind } from "../../store/run-files.js";
import type { AttemptState } from "./state/attempt-state.js";

/** What a file with this hash is to the attempt, or undefined where nobody has announced it: such a file is not taken. */
export function expectedFile(hash: Uint8Array, attempt: AttemptState | undefined): RunFileKind | undefined {
  for (const phase of attempt?.groups.values() ?? []) {
    if (
      phase.phase === "gathering" &&
      [...phase.uploads.values()].some(({ upload }) => equalBytes(upload.upload, hash))
    )
      return "round";
    if (phase.phase === "confirming" && phase.agreed.masks.some((mask) => equalBytes(mask, hash))) return "round";
    if (phase.phase === "summed" && equalBytes(phase.found.sum, hash)) return "sums";
  }
  return undefined;
}
